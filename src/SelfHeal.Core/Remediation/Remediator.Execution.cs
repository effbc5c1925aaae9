using SelfHeal.Core.Contracts;
using SelfHeal.Core.Control;
using SelfHeal.Core.Records;
using SelfHeal.Core.Time;
using SelfHeal.Core.Topology;

namespace SelfHeal.Core.Remediation;

/// <content>From a durable entry to an acknowledged change, and what can go wrong on the way.</content>
internal sealed partial class Remediator
{
    // A ledger that refused is asked again after this long; until then the loop only recommends.
    private static readonly TimeSpan LedgerRetry = TimeSpan.FromSeconds(30);

    /// <summary>An entry is durable: what waited for it may happen.</summary>
    public void OnAppended(ControlEvent.RecordAppended appended, ControlTime now)
    {
        var (incident, record) = TakePending(appended.Sequence);
        if (incident.Action is not { } action)
            return;
        switch (record.Type)
        {
            case RecordType.Decision:
                action.Appended = now;
                Report(incident, now.Wall, "appended", $"entry {appended.Sequence}, leaf {appended.LeafHash}");
                if (IsAsDeclared(action, _topology))
                    Push(incident, action, now);
                else
                    StandDown(incident, now); // The source was faster: nothing is pushed.
                break;
            case RecordType.Rollback or RecordType.StoodDown or RecordType.Rejected when action.InForce:
                Withdraw(action, now);
                break;
        }
    }

    /// <summary>The ledger refused: no entry, no action.</summary>
    public void OnRefused(ControlEvent.RecordRefused refused, ControlTime now)
    {
        var (incident, record) = TakePending(refused.Sequence);
        incident.Remove(record);
        _nextSequence = Math.Min(_nextSequence, refused.Sequence);
        var wasAvailable = _ledgerRetryAt is null;
        _ledgerRetryAt = now.Plus(LedgerRetry);
        switch (record.Type)
        {
            case RecordType.Decision:
                incident.Action = null;
                incident.ActionsTaken--;
                Enter(incident, IncidentPhase.Diagnosed, now, "refused", "the ledger refused the decision");
                break;
            case RecordType.Rollback or RecordType.StoodDown or RecordType.Rejected or RecordType.Resolved:
                Enter(incident, IncidentPhase.HandedOver, now, "handed_over", "the ledger refused: held as it is");
                break;
        }

        if (wasAvailable)
            Page(incident, $"{incident.Service}: the ledger refused an entry ({refused.Reason}); nothing more is done");
    }

    /// <summary>How the proxies stand towards a route.</summary>
    public void OnRouteHeld(ControlEvent.RouteHeld held, ControlTime now)
    {
        _routes[held.RouteConfiguration] = new RouteState(held, now);
        foreach (var incident in _incidents)
        {
            if (incident.Action is not { } action || action.Overlay.RouteConfiguration != held.RouteConfiguration)
                continue;
            var all = held.Subscribed > 0 && held.Holding == held.Subscribed;
            var carries = held.Overlays.Contains(action.Overlay.Id, StringComparer.Ordinal);
            if (incident.Phase == IncidentPhase.Executing && all && carries)
                OnExecuted(incident, action, held, now);
            else if (incident.Phase == IncidentPhase.RollingBack && all && !carries && !action.InForce)
                incident.RollbackAcknowledged ??= now;
        }
    }

    /// <summary>A proxy rejected what we pushed: the route's own content goes back at once.</summary>
    public void OnRejected(RouteRejection rejection, ControlTime now)
    {
        if (FindInForce(rejection.OverlayId) is not { } incident)
            return;
        Withdraw(incident.Action!, now); // Found by it.
        GiveUp(incident, $"{rejection.Node} rejected it: {rejection.Reason}", rejection, now);
    }

    /// <summary>The shell could not lay the overlay.</summary>
    public void OnOverlayRefused(ControlEvent.OverlayRefused refused, ControlTime now)
    {
        if (FindInForce(refused.OverlayId) is { } incident)
            GiveUp(incident, refused.Reason, rejection: null, now);
    }

    /// <summary>The source of configuration changed: where it touched a route with our change, it wins.</summary>
    public void OnTopology(GatewayTopology topology, ControlTime now)
    {
        _topology = topology;
        foreach (var incident in _incidents)
        {
            if (incident.Action is { InForce: true } action
                && !IsPending(incident, RecordType.StoodDown)
                && !IsAsDeclared(action, topology))
                StandDown(incident, now);
        }
    }

    /// <summary>Deadlines that need no block.</summary>
    public void OnTick(ControlTime now)
    {
        if (_ledgerRetryAt is { } retry && now.MonotonicNanos >= retry.MonotonicNanos)
            _ledgerRetryAt = null;
        foreach (var incident in _incidents)
        {
            if (incident.Action is not { } action)
                continue;
            switch (incident.Phase)
            {
                case IncidentPhase.Executing when IsOverdue(action, now):
                    GiveUp(
                        incident,
                        $"not acknowledged within {_options.Policy.AcknowledgeTimeout.TotalSeconds} s",
                        rejection: null,
                        now);
                    break;
                case IncidentPhase.Executing when IsPastDeadline(action, now):
                    Hold(incident, "no proxy acknowledged the change before the contract's deadline", now);
                    break;
                case IncidentPhase.Verifying:
                    action.Watch!.OnTick(now); // Verifying means that there is a watch.
                    Judge(incident, now);
                    break;
                case IncidentPhase.RollingBack when !action.InForce && IsPastDeadline(action, now):
                    ConcludeRollback(incident, ContractVerdict.Inconclusive, "unjudged at the deadline", now);
                    break;
                case IncidentPhase.Resolved when action.InForce && IsExpired(action, now):
                    Expire(incident, now);
                    break;
            }
        }
    }

    private void Push(Incident incident, OpenAction action, ControlTime now)
    {
        action.Pushed = now;
        action.InForce = true;
        _outbox.Add(new ControlEffect.ApplyOverlay(action.Overlay));
        Enter(incident, IncidentPhase.Executing, now, "pushed", action.Overlay.Id);
    }

    private void OnExecuted(Incident incident, OpenAction action, ControlEvent.RouteHeld held, ControlTime now)
    {
        action.Acknowledged = now;
        action.ExpiresAt ??= now.Plus(action.Contract.Expiry);
        var type = action.Resumed ? RecordType.Resumed : RecordType.Executed;
        if (LedgerAvailable)
        {
            Append(incident, _records.Create(_nextSequence, type, incident, ring: 1, now) with
            {
                Execution = action.Decision.Execution! with // A decision has one.
                {
                    AcknowledgedHash = held.ContentHash,
                    Acknowledged = held.Holding,
                },
            });
        }

        Report(incident, now.Wall, "acked", $"{held.Holding} of {held.Subscribed} proxies hold {held.ContentHash}");
        action.Watch = NewWatch(action, now);
        Enter(incident, IncidentPhase.Verifying, now, "verifying", action.Contract.Criteria);
    }

    /// <summary>The change is withdrawn: at once where a proxy rejected it, else when its entry is durable.</summary>
    private void GiveUp(Incident incident, string reason, RouteRejection? rejection, ControlTime now)
    {
        var action = incident.Action!; // Every caller found it.
        if (LedgerAvailable)
        {
            Append(incident, _records.Create(_nextSequence, RecordType.Rejected, incident, ring: 1, now) with
            {
                Execution = action.Decision.Execution! with { Rejection = rejection, Error = reason }, // As above.
                Outcome = Unjudged(reason),
            });
        }

        Enter(incident, IncidentPhase.HandedOver, now, "handed_over", reason);
        Page(incident, $"{incident.Service}: the change did not take: {reason}");
    }

    private void StandDown(Incident incident, ControlTime now)
    {
        if (LedgerAvailable)
        {
            Append(incident, _records.Create(_nextSequence, RecordType.StoodDown, incident, ring: 1, now) with
            {
                Outcome = Unjudged("the source changed the route"),
            });
        }

        Enter(incident, IncidentPhase.HandedOver, now, "handed_over", "the source changed the route: it wins");
        Page(incident, $"{incident.Service}: the source changed a route with our weights; ours stand down");
    }

    private void Hold(Incident incident, string reason, ControlTime now)
    {
        if (LedgerAvailable)
        {
            Append(incident, _records.Create(_nextSequence, RecordType.Inconclusive, incident, ring: 1, now) with
            {
                Outcome = Unjudged(reason),
            });
        }

        HandOver(incident, now, reason);
    }

    private void Expire(Incident incident, ControlTime now)
    {
        if (LedgerAvailable)
            Append(incident, _records.Create(_nextSequence, RecordType.Expired, incident, ring: 1, now));
        incident.IsParked = true;
        Enter(incident, IncidentPhase.HandedOver, now, "handed_over", "the change has outlived its expiry; it is held");
        Page(incident, $"{incident.Service}: a change of ours has outlived its expiry and is held");
    }

    private void Withdraw(OpenAction action, ControlTime now)
    {
        action.InForce = false;
        action.Pushed = now;
        _outbox.Add(new ControlEffect.WithdrawOverlay(action.Overlay.Id));
    }

    private bool LedgerAvailable => _ledgerRetryAt is null;

    private (Incident Incident, LedgerRecord Record) TakePending(long sequence)
    {
        Invariant.Assert(_pending.Remove(sequence, out var waiting), "an append that was asked for is answered");
        return waiting;
    }

    private bool IsPending(Incident incident, RecordType type) =>
        _pending.Values.Any(p => ReferenceEquals(p.Incident, incident) && p.Record.Type == type);

    private Incident? FindInForce(string overlayId) => _incidents.Find(i =>
        i.Action is { InForce: true } action
        && action.Overlay.Id == overlayId
        && i.Phase is IncidentPhase.Executing or IncidentPhase.Verifying or IncidentPhase.Resolved);

    private static OutcomeBlock Unjudged(string reason) =>
        new(ContractVerdict.Inconclusive, reason, [], LnTailMicroNats: null, HashEqual: null);

    /// <summary>A proxy that is connected and does not answer is overdue, counted from the last thing that was heard of
    /// the route's proxies; one that is not there yet is waited for.</summary>
    private bool IsOverdue(OpenAction action, ControlTime now) =>
        _routes.TryGetValue(action.Overlay.RouteConfiguration, out var route)
        && route.Held.Overlays.Contains(action.Overlay.Id, StringComparer.Ordinal)
        && route.Held.Holding < route.Held.Subscribed
        && now.Since(route.Since) >= _options.Policy.AcknowledgeTimeout;

    private static bool IsExpired(OpenAction action, ControlTime now) =>
        action.ExpiresAt is { } expires && now.MonotonicNanos >= expires.MonotonicNanos;

    private static bool IsPastDeadline(OpenAction action, ControlTime now) =>
        action.Pushed is { } pushed && now.Since(pushed) >= action.Contract.Deadline;

    private static bool IsAsDeclared(OpenAction action, GatewayTopology topology)
    {
        var overlay = action.Overlay;
        var split = topology.Splits.FirstOrDefault(s => s.RouteConfiguration == overlay.RouteConfiguration
            && s.VirtualHost == overlay.VirtualHost && s.Route == overlay.Route);
        var before = action.Decision.Execution!.Before; // A decision has one.
        return split is not null
            && split.Versions.Select(static v => (v.Cluster, v.Weight))
                .SequenceEqual(before.Select(static b => (b.Cluster, b.Weight)));
    }

    /// <summary>What is known of a route's proxies, and since when.</summary>
    private readonly record struct RouteState(ControlEvent.RouteHeld Held, ControlTime Since);
}
