using System.Globalization;
using System.Text;
using SelfHeal.Core.Control;
using SelfHeal.Core.Recording;
using SelfHeal.Core.Records;
using SelfHeal.Core.Remediation;
using SelfHeal.Core.Time;
using SelfHeal.Ledger;

namespace SelfHeal.Sidecar.Recording;

/// <summary>
/// Stands between a recording and the loop that is replayed. Events that answer an effect are handed on only where the
/// replayed loop asked for the same effect; other effects are answered here, by declared rules: an entry is durable at
/// the next step, and proxies acknowledge a change after a fixed delay.
/// </summary>
internal sealed class ReplayWorld
{
    private readonly TimeSpan _acknowledgeDelay;
    private readonly bool _hasAnswers;
    private readonly List<WeightOverlay> _overlays;
    private readonly Dictionary<long, Asked> _asked = [];
    private readonly Dictionary<long, long> _askedByRecorded = [];
    private readonly Queue<long> _answerNext = [];
    private readonly Dictionary<string, Route> _routes = new(StringComparer.Ordinal);

    /// <summary>A world at the start of a loop.</summary>
    /// <param name="acknowledgeDelay">What proxies take for a change that the recording has no answer to.</param>
    /// <param name="hasAnswers">Whether the recording has answers to effects at all.</param>
    /// <param name="inForce">The overlays that the loop begins with.</param>
    public ReplayWorld(TimeSpan acknowledgeDelay, bool hasAnswers, IEnumerable<WeightOverlay> inForce)
    {
        _acknowledgeDelay = acknowledgeDelay;
        _hasAnswers = hasAnswers;
        _overlays = [.. inForce];
    }

    /// <summary>The first step at which the replayed loop did something else to the world than the recorded one; null
    /// while there is none.</summary>
    public ControlTime? DivergedAt { get; private set; }

    /// <summary>What was done then, there and here.</summary>
    public string Divergence { get; private set; } = "";

    /// <summary>The first entry that is not the recorded one; empty while there is none.</summary>
    public string Difference { get; private set; } = "";

    /// <summary>Entries that are byte for byte the recorded ones.</summary>
    public long Reproduced { get; private set; }

    /// <summary>Recorded answers that belong to effects that the replayed loop did not ask for.</summary>
    public long ForeignAnswers { get; private set; }

    /// <summary>Entries whose answer has not come.</summary>
    public int Unanswered => _asked.Count;

    /// <summary>What the replayed loop is told in this step.</summary>
    /// <param name="step">The recorded step.</param>
    /// <param name="inbox">Filled.</param>
    /// <param name="durable">Entries that became durable are added here.</param>
    public void Translate(RecordedStep step, List<ControlEvent> inbox, List<ReplayedRecord> durable)
    {
        // Hot path: allocation-free while nothing but batches comes.
        while (_answerNext.TryDequeue(out var sequence))
            Answer(sequence, inbox, durable);
        for (var i = 0; i < step.Events.Count; i++)
        {
            switch (step.Events[i])
            {
                case ControlEvent.RecordAppended appended:
                    if (_askedByRecorded.Remove(appended.Sequence, out var own))
                        Answer(own, inbox, durable);
                    else
                        ForeignAnswers++;
                    break;
                case ControlEvent.RecordRefused refused:
                    if (_askedByRecorded.Remove(refused.Sequence, out var ownRefused) && _asked.Remove(ownRefused))
                        inbox.Add(refused with { Sequence = ownRefused });
                    else
                        ForeignAnswers++;
                    break;
                case ControlEvent.RouteHeld held:
                    OnHeld(held, inbox);
                    break;
                case ControlEvent.OverlayRejected or ControlEvent.OverlayRefused when DivergedAt is not null:
                    ForeignAnswers++;
                    break;
                case var happened:
                    inbox.Add(happened);
                    break;
            }
        }

        if (DivergedAt is not null)
            Acknowledge(step.Now, inbox);
    }

    /// <summary>What the replayed loop asked for in this step.</summary>
    /// <param name="step">The recorded step.</param>
    /// <param name="outbox">Its effects.</param>
    public void Observe(RecordedStep step, List<ControlEffect> outbox)
    {
        if (outbox.Count == 0 && step.Effects.Count == 0)
            return;
        var recorded = step.Effects.OfType<RecordedEffect.Append>().ToList();
        foreach (var append in outbox.OfType<ControlEffect.AppendRecord>())
            Ask(append.Record, recorded, step.Now);
        if (recorded.Count > 0)
            Differ(step.Now, $"the recording has an entry {Describe(recorded[0])}, the replay has none");
        Compare(step, outbox);
        foreach (var effect in outbox)
            Execute(effect, step.Now);
    }

    private static string Describe(RecordedEffect.Append append) =>
        string.Create(CultureInfo.InvariantCulture, $"{append.Sequence} ({append.Type} of {append.IncidentId})");

    private static bool IsSame(WeightOverlay a, WeightOverlay b) =>
        a.Id == b.Id && a.RouteConfiguration == b.RouteConfiguration && a.VirtualHost == b.VirtualHost
        && a.Route == b.Route && a.Weights.SequenceEqual(b.Weights);

    private static string Describe(IEnumerable<WeightOverlay> applied, IEnumerable<string> withdrawn)
    {
        var parts = applied
            .Select(static o => $"lays {o.Id} over {o.RouteConfiguration} ("
                + string.Join(", ", o.Weights.Select(static w => $"{w.Cluster} {w.Weight}")) + ")")
            .Concat(withdrawn.Select(static id => $"withdraws {id}"))
            .ToList();
        return parts.Count == 0 ? "does nothing" : string.Join(", ", parts);
    }

    private void Ask(LedgerRecord record, List<RecordedEffect.Append> recorded, ControlTime now)
    {
        var payload = RecordJson.Write(record);
        var type = record.Type.ToString();
        var match = recorded.Find(r => r.Type == type && r.IncidentId == record.IncidentId);
        _asked[record.Sequence] = new Asked(record, payload, DivergedAt is not null);
        if (match is null)
        {
            _answerNext.Enqueue(record.Sequence);
            if (_hasAnswers)
            {
                Differ(now, string.Create(CultureInfo.InvariantCulture,
                    $"the replay has an entry {record.Sequence} ({type} of {record.IncidentId}), the recording none"));
            }

            return;
        }

        recorded.Remove(match);
        _askedByRecorded[match.Sequence] = record.Sequence;
        var place = match.Payload.Span.CommonPrefixLength(payload);
        if (place == payload.Length && place == match.Payload.Length)
            Reproduced++;
        else
            Differ(now, $"entry {Describe(match)} is not the same from byte {place} on: recorded "
                + $"{Excerpt(match.Payload.Span, place)}, replayed {Excerpt(payload, place)}");
    }

    private static string Excerpt(ReadOnlySpan<byte> payload, int place)
    {
        const int Around = 40;
        var from = Math.Max(0, place - Around);
        var part = payload[from..Math.Min(payload.Length, place + Around)];
        return $"`{Encoding.UTF8.GetString(part)}`";
    }

    private void Differ(ControlTime now, string what)
    {
        if (Difference.Length == 0)
            Difference = string.Create(CultureInfo.InvariantCulture, $"{now.Wall:yyyy-MM-ddTHH:mm:ss.fffZ}: {what}");
    }

    private void Answer(long sequence, List<ControlEvent> inbox, List<ReplayedRecord> durable)
    {
        if (!_asked.Remove(sequence, out var asked))
            return;
        inbox.Add(new ControlEvent.RecordAppended(sequence, LedgerHashing.Leaf(asked.Payload).ToString()));
        durable.Add(new ReplayedRecord(asked.Record, asked.Payload, asked.AfterDivergence));
    }

    /// <summary>Where the two loops do different things to the world, the recorded world is another one from here on.
    /// </summary>
    private void Compare(RecordedStep step, List<ControlEffect> outbox)
    {
        if (DivergedAt is not null)
            return;
        var (applied, withdrawn) = (
            outbox.OfType<ControlEffect.ApplyOverlay>().Select(static a => a.Overlay).ToList(),
            outbox.OfType<ControlEffect.WithdrawOverlay>().Select(static w => w.OverlayId).ToList());
        var (recordedApplied, recordedWithdrawn) = (
            step.Effects.OfType<RecordedEffect.Apply>().Select(static a => a.Overlay).ToList(),
            step.Effects.OfType<RecordedEffect.Withdraw>().Select(static w => w.OverlayId).ToList());
        if (applied.Count == recordedApplied.Count
            && applied.Zip(recordedApplied).All(static pair => IsSame(pair.First, pair.Second))
            && withdrawn.SequenceEqual(recordedWithdrawn, StringComparer.Ordinal))
            return;
        DivergedAt = step.Now;
        Divergence = $"the recorded loop {Describe(recordedApplied, recordedWithdrawn)}, "
            + $"this one {Describe(applied, withdrawn)}";
        if (_hasAnswers)
            Differ(step.Now, Divergence);
    }

    private void Execute(ControlEffect effect, ControlTime now)
    {
        switch (effect)
        {
            case ControlEffect.ApplyOverlay { Overlay: var overlay }:
                _overlays.Add(overlay);
                Push(overlay.RouteConfiguration, now);
                break;
            case ControlEffect.WithdrawOverlay withdraw:
                var route = _overlays.Find(o => o.Id == withdraw.OverlayId)?.RouteConfiguration;
                _overlays.RemoveAll(o => o.Id == withdraw.OverlayId);
                if (route is not null)
                    Push(route, now);
                break;
        }
    }

    private void Push(string route, ControlTime now)
    {
        if (!_routes.TryGetValue(route, out var state))
            _routes.Add(route, state = new Route(new ControlEvent.RouteHeld(route, 0, 0, "", "", [])));
        state.IsTold = false;
        state.AcknowledgedAt = now.Plus(_acknowledgeDelay);
    }

    private void OnHeld(ControlEvent.RouteHeld held, List<ControlEvent> inbox)
    {
        if (!_routes.TryGetValue(held.RouteConfiguration, out var state))
            _routes.Add(held.RouteConfiguration, state = new Route(held));
        var before = state.Recorded;
        state.Recorded = held;
        if (DivergedAt is null)
        {
            inbox.Add(held);
            return;
        }

        // How many proxies there are, and what the source says, is true in both worlds; what they hold is not.
        if (held.Subscribed != before.Subscribed || held.SourceHash != before.SourceHash)
            state.IsTold = false;
        else
            ForeignAnswers++;
    }

    private void Acknowledge(ControlTime now, List<ControlEvent> inbox)
    {
        foreach (var state in _routes.Values)
        {
            var isDue = state.AcknowledgedAt is { } due && now.MonotonicNanos >= due.MonotonicNanos;
            if (state.IsTold && !isDue)
                continue;
            if (isDue)
                state.AcknowledgedAt = null;
            state.IsTold = true;
            var recorded = state.Recorded;
            var ids = _overlays.Where(o => o.RouteConfiguration == recorded.RouteConfiguration)
                .Select(static o => o.Id).ToList();
            inbox.Add(recorded with
            {
                Holding = state.AcknowledgedAt is null ? recorded.Subscribed : 0,
                ContentHash = ids.Count == 0
                    ? recorded.SourceHash
                    : $"simulated: {recorded.SourceHash} with {string.Join(", ", ids)}",
                Overlays = [.. ids],
            });
        }
    }

    private sealed record Asked(LedgerRecord Record, byte[] Payload, bool AfterDivergence);

    private sealed class Route(ControlEvent.RouteHeld recorded)
    {
        public ControlEvent.RouteHeld Recorded { get; set; } = recorded;

        public ControlTime? AcknowledgedAt { get; set; }

        public bool IsTold { get; set; } = true;
    }
}
