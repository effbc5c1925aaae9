namespace SelfHeal.Core.Records;

/// <summary>Says what a record lacks. An incomplete record is refused, and so is the action that it was for.</summary>
public static class RecordCompleteness
{
    /// <summary>The names of the blocks that are missing; empty when the record is complete.</summary>
    /// <param name="record">The record.</param>
    public static IReadOnlyList<string> Missing(LedgerRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        var missing = new List<string>();
        Need(record.IncidentId.Length > 0, "incident_id");
        Need(record.Authority.SoftwareVersion.Length > 0, "authority.software_version");
        Need(record.Authority.PolicyHash.Length > 0, "authority.policy_hash");
        if (record.Type is RecordType.Decision or RecordType.Recommendation)
        {
            Need(record.Evidence is { IsDefaultOrEmpty: false }, "evidence");
            Need(record.Conclusion is { Hypotheses.IsDefaultOrEmpty: false }, "conclusion");
            Need(record.Alternatives is { Length: >= 1 }, "alternatives");
            Need(record.Time.Detected is not null && record.Time.Onset is not null, "time");
        }

        if (record.Type == RecordType.Decision)
        {
            Need(record.Safety is not null, "safety");
            Need(record.Contract is not null, "contract");
            Need(record.Execution is { RollbackPlan.Length: > 0, RollbackContract.Length: > 0 }, "execution.rollback");
            Need(record.Alternatives is { } list && list.Count(static a => a.Chosen) == 1, "alternatives.chosen");
        }
        else if (record.Type != RecordType.Recommendation)
        {
            Need(!record.Parents.IsDefaultOrEmpty, "parents");
        }

        return missing;

        void Need(bool present, string name)
        {
            if (!present)
                missing.Add(name);
        }
    }
}
