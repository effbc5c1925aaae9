using System.Text.Json.Serialization;

namespace SelfHeal.Sidecar.Admin;

/// <summary>How far an incident has come, as people see it.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<IncidentPhase>))]
internal enum IncidentPhase
{
    /// <summary>A signal crossed the bar that starts diagnosis.</summary>
    [JsonStringEnumMemberName("suspected")]
    Suspected,

    /// <summary>There are hypotheses with confidence.</summary>
    [JsonStringEnumMemberName("diagnosed")]
    Diagnosed,

    /// <summary>An action is in the ledger and not yet on its way.</summary>
    [JsonStringEnumMemberName("declared")]
    Declared,

    /// <summary>The action is on its way to the proxies.</summary>
    [JsonStringEnumMemberName("executing")]
    Executing,

    /// <summary>The action is live and its contract open.</summary>
    [JsonStringEnumMemberName("verifying")]
    Verifying,

    /// <summary>The contract passed.</summary>
    [JsonStringEnumMemberName("resolved")]
    Resolved,

    /// <summary>The contract failed and the rollback is on its way.</summary>
    [JsonStringEnumMemberName("rolling_back")]
    RollingBack,

    /// <summary>Everything is as it was.</summary>
    [JsonStringEnumMemberName("rolled_back")]
    RolledBack,

    /// <summary>SelfHeal did nothing but say what it would do, and why not by itself.</summary>
    [JsonStringEnumMemberName("recommended")]
    Recommended,

    /// <summary>A human has it now.</summary>
    [JsonStringEnumMemberName("handed_over")]
    HandedOver,
}
