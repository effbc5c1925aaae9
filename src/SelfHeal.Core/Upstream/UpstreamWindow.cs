using System.Collections.Immutable;
using SelfHeal.Core.Time;

namespace SelfHeal.Core.Upstream;

/// <summary>The newest reports of the upstream, as far back as a diagnosis may look.</summary>
public sealed class UpstreamWindow
{
    /// <summary>
    /// How long before the onset of an incident a report still belongs to it: ten minutes, within which a change is
    /// most suspect. A rejected one was never active, but what depends on it was pushed beside it.
    /// </summary>
    public static readonly TimeSpan BeforeOnset = TimeSpan.FromMinutes(10);

    // An incident is diagnosed again when its first action has failed its contract, well within an hour of its onset.
    private static readonly TimeSpan Kept = TimeSpan.FromHours(1) + BeforeOnset;

    // One a second, which is the shortest interval, over all the time that is kept. Only reports of trouble are in it,
    // and past this number, which no configuration allows, the oldest goes.
    private const int ReportsMax = 4_200;

    private readonly Queue<(ControlTime At, UpstreamReport Report)> _troubled = new();
    private ControlTime _first;
    private ControlTime _last;
    private UpstreamReport? _newest;

    /// <summary>How many reports are kept.</summary>
    public int Count => _troubled.Count;

    /// <summary>A report came.</summary>
    /// <param name="report">What it says.</param>
    /// <param name="now">The time of the step.</param>
    public void OnReport(UpstreamReport report, ControlTime now)
    {
        ArgumentNullException.ThrowIfNull(report);
        if (_newest is null)
            _first = now;
        _newest = report;
        _last = now;
        while (_troubled.TryPeek(out var oldest) && now.Since(oldest.At) > Kept)
            _troubled.Dequeue();
        if (!report.HasTrouble)
            return;
        if (_troubled.Count == ReportsMax)
            _troubled.Dequeue();
        _troubled.Enqueue((now, report));
    }

    /// <summary>Adds up what came since shortly before an onset.</summary>
    /// <param name="onset">Of the incident.</param>
    /// <param name="now">The time of the step.</param>
    /// <returns>Null where no report ever came.</returns>
    public UpstreamTrouble? Around(ControlTime onset, ControlTime now)
    {
        if (_newest is null)
            return null;
        var from = onset.Plus(-BeforeOnset);
        var rejects = new SortedDictionary<string, long>(StringComparer.Ordinal);
        var (pushErrors, internalErrors, timeouts) = (0L, 0L, 0L);
        foreach (var (at, report) in _troubled)
        {
            if (at.MonotonicNanos < from.MonotonicNanos)
                continue;
            foreach (var reject in report.Rejects)
                rejects[reject.Type] = rejects.GetValueOrDefault(reject.Type) + reject.Rejects;
            pushErrors += report.PushErrors;
            internalErrors += report.InternalErrors;
            timeouts += report.Timeouts;
        }

        var start = from.MonotonicNanos > _first.MonotonicNanos ? from : _first;
        return new UpstreamTrouble(
            _newest.Answer,
            now.Since(start),
            now.Since(_last),
            [.. rejects.Select(static pair => new RejectCount(pair.Key, pair.Value))],
            pushErrors,
            internalErrors,
            timeouts);
    }
}
