using System.Collections.Immutable;
using SelfHeal.Core.Detection;
using SelfHeal.Core.Upstream;

namespace SelfHeal.Core.Diagnosis;

/// <content>What the upstream control plane says of itself.</content>
public static partial class EvidenceCollector
{
    private const string RejectsMetric = "pilot_total_xds_rejects";

    /// <summary>
    /// Only trouble is evidence. Where there was none and the upstream cannot be asked, that is said, and counts for
    /// nothing.
    /// </summary>
    private static void AddUpstream(ImmutableArray<EvidenceItem>.Builder items, UpstreamTrouble? trouble)
    {
        if (trouble is null)
            return;
        var rejects = trouble.Rejects.Sum(static r => r.Rejects);
        if (rejects > 0 || trouble.Newest != UpstreamAnswer.Read)
            items.Add(FromUpstream(Signal.UpstreamRejections, RejectsOf(trouble), rejects, trouble));
        var failures = trouble.PushErrors + trouble.InternalErrors + trouble.Timeouts;
        if (failures > 0)
            items.Add(FromUpstream(Signal.UpstreamPushFailures, FailuresOf(trouble), failures, trouble));
    }

    private static EvidenceItem FromUpstream(
        Signal signal, string metric, long events, UpstreamTrouble trouble) => new()
        {
            Signal = signal,
            Group = EvidenceGroup.Configuration,
            Metric = metric,
            Scope = "upstream",
            Verdict = events > 0 ? Verdict.Breach : Verdict.NoEvidence,
            WindowMillis = (long)trouble.Window.TotalMilliseconds,
            Events = events,
            AgeMillis = (long)trouble.Age.TotalMilliseconds,
        };

    /// <summary>As an operator asks Prometheus for it.</summary>
    private static string RejectsOf(UpstreamTrouble trouble)
    {
        var types = trouble.Rejects.Where(static r => r.Rejects > 0).Select(static r => r.Type).ToList();
        return types switch
        {
            [] or [""] => RejectsMetric,
            [var type] => $"{RejectsMetric}{{type=\"{type}\"}}",
            _ => $"{RejectsMetric}{{type=~\"{string.Join('|', types)}\"}}",
        };
    }

    private static string FailuresOf(UpstreamTrouble trouble)
    {
        var metrics = new List<string>();
        if (trouble.PushErrors > 0)
            metrics.Add("pilot_xds_pushes{type=~\".+err\"}");
        if (trouble.InternalErrors > 0)
            metrics.Add("pilot_total_xds_internal_errors");
        if (trouble.Timeouts > 0)
            metrics.Add("pilot_xds_write_timeout");
        return string.Join(" + ", metrics);
    }
}
