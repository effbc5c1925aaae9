using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using SelfHeal.Core.Actions;
using SelfHeal.Core.Detection;
using SelfHeal.Core.Diagnosis;
using SelfHeal.Core.Records;

namespace SelfHeal.Core.Narrative;

/// <summary>
/// Renders an incident's entries as prose for people. Templates are filled from fields only: the records are the truth,
/// the prose is a projection of them.
/// </summary>
public static class NarrativeRenderer
{
    /// <summary>Renders the incident as it stands after its last entry.</summary>
    /// <param name="entries">The entries of one incident, in the order of the ledger; at least one.</param>
    public static RenderedNarrative Render(IReadOnlyList<LedgerRecord> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        ArgumentOutOfRangeException.ThrowIfZero(entries.Count);
        var text = new StringBuilder();
        var opening = entries.First(static e => e.Conclusion is not null);
        AppendOpening(text, opening);
        foreach (var entry in entries)
            AppendEntry(text, entry, entries);
        return new RenderedNarrative($"{entries[^1].Type.ToString().ToLowerInvariant()}-1", text.ToString().Trim());
    }

    /// <summary>The hash that the last of <paramref name="entries"/> carries.</summary>
    /// <param name="entries">The entries of one incident up to and with the one that is being written.</param>
    public static NarrativeBlock Seal(IReadOnlyList<LedgerRecord> entries)
    {
        var rendered = Render(entries);
        return new NarrativeBlock(
            rendered.TemplateId, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(rendered.Text))));
    }

    private static void AppendOpening(StringBuilder text, LedgerRecord opening)
    {
        var detected = opening.Time.Detected ?? opening.Time.Decided;
        text.Append(CultureInfo.InvariantCulture, $"At {Wording.TimeOfDay(detected)} UTC, ");
        var worst = (opening.Evidence ?? [])
            .Where(static e => e.Verdict == Verdict.Breach && e.Trials > 0 && e.Signal != Signal.VersionContrast)
            .OrderByDescending(static e => e.StatisticMicroNats)
            .FirstOrDefault();
        if (worst is null)
        {
            text.Append(CultureInfo.InvariantCulture, $"the {opening.Service} service left its normal range. ");
        }
        else
        {
            var factor = worst.Events * 1_000_000m / worst.Trials / Math.Max(1, worst.BaselinePpm);
            text.Append(CultureInfo.InvariantCulture,
                $"{worst.Metric} on the {opening.Service} service rose to {worst.Events} of {worst.Trials}")
                .Append(CultureInfo.InvariantCulture,
                $" responses, about {factor:0}x its baseline ({worst.BaselineSource}). ");
        }

        var leading = opening.Conclusion!.Hypotheses[0]; // The caller chose an entry that has a conclusion.
        text.Append(CultureInfo.InvariantCulture,
            $"Evidence pointed to: {opening.Conclusion.Cause} (confidence {Wording.TwoPlaces(leading.CalibratedPpm)}, ")
            .Append(opening.Conclusion.Calibration).Append("). ");
    }

    private static void AppendEntry(StringBuilder text, LedgerRecord entry, IReadOnlyList<LedgerRecord> all)
    {
        var at = Wording.TimeOfDay(entry.Time.Decided);
        var reason = entry.Outcome?.Reason ?? "";
        text.Append(entry.Type switch
        {
            RecordType.Decision => Decision(entry, at),
            RecordType.Executed => $"Every proxy in scope acknowledged the change at {at}. ",
            RecordType.Resolved => $"At {at} the contract declared beforehand had passed: {reason}. The change stays "
                + $"in force and the defect goes to the owning team with this evidence. {Paged(all)}",
            RecordType.Rollback => $"At {at} the contract declared beforehand failed: {reason}. The change was taken "
                + "back as planned. ",
            RecordType.RolledBack => $"At {at} the rollback was judged: {reason}. That the action did not help is "
                + "evidence against the cause that it addressed. ",
            RecordType.Recommendation => Recommendation(entry, all),
            RecordType.Rejected => $"At {at} the change did not take ({reason}); the route's own configuration was put "
                + "back and a human was paged. ",
            RecordType.Inconclusive => $"At {at} the deadline passed undecided: {reason}. What is in force is held "
                + "and a human was paged. ",
            RecordType.Resumed => $"At {at} the process came back and took up watching the contract. ",
            RecordType.StoodDown => $"At {at} the source of configuration changed the route: its change wins and "
                + "ours was withdrawn. ",
            RecordType.Expired => $"At {at} the change had outlived its expiry: it is held and a human was paged. ",
            RecordType.Recovered => $"At {at} the service was back in its normal range. ",
            _ => throw new ArgumentOutOfRangeException(nameof(entry), entry.Type, "not a record type"),
        });
    }

    private static string Paged(IReadOnlyList<LedgerRecord> all) =>
        all.Any(static e => e.Type is RecordType.Recommendation) ? "" : "No human was paged. ";

    private static string Decision(LedgerRecord entry, string at)
    {
        var chosen = (entry.Alternatives ?? []).First(static a => a.Chosen);
        var others = (entry.Alternatives ?? []).Length - 1;
        var weights = string.Join(", ", chosen.Weights.Select(static w => $"{w.Version} {w.Weight}"));
        return $"At {at}, in ring {entry.Authority.Ring} and under policy {entry.Authority.PolicyVersion}, the system "
            + $"decided to {chosen.Description} (weights {weights}), with risk {Wording.TwoPlaces(chosen.RiskPpm)}, "
            + $"over {others} other candidate{(others == 1 ? "" : "s")}: one push takes it back, and requests in "
            + $"flight finish. Success was declared as: {entry.Contract?.Criteria}. ";
    }

    private static string Recommendation(LedgerRecord entry, IReadOnlyList<LedgerRecord> all)
    {
        var refused = (entry.Alternatives ?? []).FirstOrDefault(static a => a.Action != ActionKind.DoNothing);
        var why = refused switch
        {
            null => Wording.Reason(ReasonCode.NothingInCatalog),
            { Refusals.IsEmpty: true } => "doing nothing has the lower risk",
            _ => string.Join("; ", refused.Refusals.Select(Wording.Reason)),
        };
        var before = all.Any(static e => e.Type == RecordType.RolledBack)
            ? "The causes were ranked again without the falsified one. "
            : "";
        var what = refused is null ? "act" : refused.Description;
        return $"{before}The system did not {what}: {why}. "
            + $"Nothing was changed; a human was paged with this analysis ({entry.Outcome?.Reason}). ";
    }
}
