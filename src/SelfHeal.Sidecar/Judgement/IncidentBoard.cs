using System.Collections.Immutable;
using System.Text;
using SelfHeal.Core.Contracts;
using SelfHeal.Core.Control;
using SelfHeal.Core.Narrative;
using SelfHeal.Core.Records;
using SelfHeal.Sidecar.Admin;

namespace SelfHeal.Sidecar.Judgement;

/// <summary>
/// The incidents as people see them: a projection of the ledger's entries, with the timeline that the running loop
/// reports beside them.
/// </summary>
internal sealed class IncidentBoard : IIncidentBoard
{
    // What the list shows; older incidents stay in the ledger and can be asked for by id as long as they are kept here.
    private const int IncidentLimit = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();

    public IncidentBoard(Restored restored)
    {
        foreach (var record in restored.Records)
        {
            Add(record);
            Report(new IncidentProgress(
                record.IncidentId,
                record.Service,
                PhaseAfter(record),
                record.Time.Decided,
                record.Type.ToString().ToLowerInvariant(),
                record.Outcome?.Reason ?? record.Conclusion?.Cause ?? ""));
        }
    }

    /// <inheritdoc/>
    public ImmutableArray<IncidentSummary> Incidents
    {
        get
        {
            lock (_lock)
                return [.. _order.Reverse().Select(id => _entries[id].Summarize(id))];
        }
    }

    /// <summary>An entry is durable.</summary>
    /// <param name="record">The entry.</param>
    public void Add(LedgerRecord record)
    {
        lock (_lock)
        {
            var detectedAt = record.Time.Detected ?? record.Time.Decided;
            var entry = Of(record.IncidentId, record.Service, detectedAt);
            entry.Records.Add(record);
            if (entry.Records.Count == 1)
                entry.DetectedAt = detectedAt; // The ledger's word, so that a restart changes nothing.
        }
    }

    /// <summary>Something happened in an incident.</summary>
    /// <param name="progress">What.</param>
    public void Report(IncidentProgress progress)
    {
        lock (_lock)
        {
            var entry = Of(progress.IncidentId, progress.Service, progress.At);
            entry.Phase = progress.Phase;
            if (progress.Event == "breach" && entry.Records.Count == 0)
                entry.DetectedAt = progress.At; // What was reported before is when the abnormal run began.
            entry.Timeline.Add(new TimelineEntry(progress.At, progress.Event, progress.Text));
        }
    }

    /// <summary>When a human is asked whether a change of the control loop may stay; null before every proxy has
    /// acknowledged it, and for any other overlay.</summary>
    /// <param name="incidentId">The incident that it answers.</param>
    /// <param name="overlayId">The change.</param>
    public DateTimeOffset? ExpiryOf(string incidentId, string overlayId)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(incidentId, out var entry))
                return null;
            var decision = entry.Records.FindLast(
                r => r.Type == RecordType.Decision && r.Execution?.Overlay.Id == overlayId);
            var executed = entry.Records.Find(
                r => r.Type is RecordType.Executed or RecordType.Resumed && r.Execution?.Overlay.Id == overlayId);
            return executed?.Time.Decided + decision?.Contract?.Expiry;
        }
    }

    /// <inheritdoc/>
    public IncidentDocument? Find(string incidentId)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(incidentId, out var entry))
                return null;
            var hasRecord = entry.Records.Exists(static r => r.Conclusion is not null);
            return new IncidentDocument(
                entry.Summarize(incidentId),
                hasRecord ? ArticleView.Write(entry.Records) : ReadOnlyMemory<byte>.Empty,
                [.. entry.Timeline],
                hasRecord ? NarrativeRenderer.Render(entry.Records).Text : "Nothing has been decided yet.");
        }
    }

    /// <inheritdoc/>
    public ValueTask<byte[]?> ReadEntriesAsync(string incidentId, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(incidentId, out var entry))
                return ValueTask.FromResult<byte[]?>(null);
            var json = new StringBuilder("[");
            json.AppendJoin(',', entry.Records.Select(static r => Encoding.UTF8.GetString(RecordJson.Write(r))));
            json.Append(']');
            return ValueTask.FromResult<byte[]?>(Encoding.UTF8.GetBytes(json.ToString()));
        }
    }

    private static IncidentPhase PhaseAfter(LedgerRecord record) => record.Type switch
    {
        RecordType.Decision => IncidentPhase.Executing,
        RecordType.Executed or RecordType.Resumed => IncidentPhase.Verifying,
        RecordType.Resolved => IncidentPhase.Resolved,
        RecordType.Rollback => IncidentPhase.RollingBack,
        RecordType.RolledBack when record.Outcome?.Verdict == ContractVerdict.Passed => IncidentPhase.RolledBack,
        RecordType.Recommendation => IncidentPhase.Recommended,
        RecordType.Recovered => IncidentPhase.Recovered,
        _ => IncidentPhase.HandedOver,
    };

    private Entry Of(string id, string service, DateTimeOffset detectedAt)
    {
        if (_entries.TryGetValue(id, out var entry))
            return entry;
        if (_order.Count == IncidentLimit)
            _entries.Remove(_order.Dequeue());
        _order.Enqueue(id);
        _entries.Add(id, entry = new Entry(service, detectedAt));
        return entry;
    }

    private sealed class Entry(string service, DateTimeOffset detectedAt)
    {
        public DateTimeOffset DetectedAt { get; set; } = detectedAt;

        public IncidentPhase Phase { get; set; }

        public List<LedgerRecord> Records { get; } = [];

        public List<TimelineEntry> Timeline { get; } = [];

        public IncidentSummary Summarize(string id) => new(
            id, service, Phase, DetectedAt, Records.LastOrDefault(static r => r.Outcome is not null)?.Outcome?.Reason);
    }
}
