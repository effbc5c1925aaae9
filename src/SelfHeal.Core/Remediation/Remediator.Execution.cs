using SelfHeal.Core.Contracts;
using SelfHeal.Core.Control;
using SelfHeal.Core.Records;
using SelfHeal.Core.Time;
using SelfHeal.Core.Topology;

namespace SelfHeal.Core.Remediation;

/// <content>From a durable entry to an acknowledged change, and what can go wrong on the way.</content>
internal sealed partial class Remediator
{
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
                action.Pushed = now;
                action.InForce = true;
                _outbox.Add(new ControlEffect.ApplyOverlay(action.Overlay));
                Enter(incident, IncidentPhase.Executing, now, "pushed", action.Overlay.Id);
                break;
            case RecordType.Rollback or RecordType.StoodDown:
                Withdraw(action, now);
                break;
        }
    }

    /// <summary>The ledger refused: no entry, no action.</summary>
    public void OnRefused(ControlEvent.RecordRefused refused, ControlTime now)
    {
        var (incident, record) = TakePending(refused.Sequence);
        _ledgerAvailable = false;
        if (record.Type == RecordType.Decision)
        {
            incident.Action = null;
            Enter(incident, IncidentPhase.Recommended, now, "recommended", "the ledger refused the decision");
        }
        else if (record.Type is RecordType.Rollback or RecordType.StoodDown)
        {
            Enter(incident, IncidentPhase.HandedOver, now, "handed_over", "the ledger refused the withdrawal");
        }

        Page(incident, $"{incident.Service}: the ledger refused an entry ({refused.Reason}); nothing more is done");
    }

    /// <summary>How the proxies stand towards a route.</summary>
    public void OnRouteHeld(ControlEvent.RouteHeld held, ControlTime now)
    {
        _routes[held.RouteConfiguration] = held;
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
        if (FindInForce(rejection.OverlayId) is { } incident)
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
        foreach (var incident in _incidents)
        {
            if (incident.Action is not { InForce: true } action
                || _pending.Values.Any(p => p.Incident == incident && p.Record.Type == RecordType.StoodDown)
                || IsAsDeclared(action, topology))
                continue;
            Append(incident, _records.Create(_nextSequence, RecordType.StoodDown, incident, ring: 1, now) with
            {
                Outcome = Unjudged("the source changed the route"),
            });
            Enter(incident, IncidentPhase.HandedOver, now, "handed_over", "the source changed the route: it wins");
            Page(incident, $"{incident.Service}: the source changed a route with our weights; ours were withdrawn");
        }
    }

    /// <summary>Deadlines that need no block.</summary>
    public void OnTick(ControlTime now)
    {
        foreach (var incident in _incidents)
        {
            if (incident.Action is not { InForce: true } action)
                continue;
            if (incident.Phase == IncidentPhase.Executing && IsOverdue(action, now))
                GiveUp(incident, $"not acknowledged within {_options.Policy.AcknowledgeTimeout}", rejection: null, now);
            else if (incident.Phase == IncidentPhase.Verifying)
                JudgeDeadline(incident, action, now);
            else if (incident.Phase == IncidentPhase.Resolved && action.ExpiresAt is { } expires
                && now.MonotonicNanos >= expires.MonotonicNanos)
                Expire(incident, now);
        }
    }

    private void OnExecuted(Incident incident, OpenAction action, ControlEvent.RouteHeld held, ControlTime now)
    {
        action.Acknowledged = now;
        action.ExpiresAt = now.Plus(action.Contract.Expiry);
        var type = action.Resumed ? RecordType.Resumed : RecordType.Executed;
        if (_ledgerAvailable)
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

    private void GiveUp(Incident incident, string reason, RouteRejection? rejection, ControlTime now)
    {
        var action = incident.Action!; // Both callers found it.
        Withdraw(action, now);
        if (_ledgerAvailable)
        {
            Append(incident, _records.Create(_nextSequence, RecordType.Rejected, incident, ring: 1, now) with
            {
                Execution = action.Decision.Execution! with { Rejection = rejection, Error = reason }, // As above.
                Outcome = Unjudged(reason),
            });
        }

        Enter(incident, IncidentPhase.HandedOver, now, "handed_over", reason);
        Page(incident, $"{incident.Service}: the change was withdrawn, {reason}");
    }

    private void Expire(Incident incident, ControlTime now)
    {
        if (_ledgerAvailable)
            Append(incident, _records.Create(_nextSequence, RecordType.Expired, incident, ring: 1, now));
        Enter(incident, IncidentPhase.HandedOver, now, "handed_over", "the change has outlived its expiry; it is held");
        Page(incident, $"{incident.Service}: a change of ours has outlived its expiry and is held");
    }

    private void Withdraw(OpenAction action, ControlTime now)
    {
        action.InForce = false;
        action.Pushed = now;
        _outbox.Add(new ControlEffect.WithdrawOverlay(action.Overlay.Id));
    }

    private (Incident Incident, LedgerRecord Record) TakePending(long sequence)
    {
        Invariant.Assert(_pending.Remove(sequence, out var waiting), "an append that was asked for is answered");
        return waiting;
    }

    private Incident? FindInForce(string overlayId) =>
        _incidents.Find(i => i.Action is { InForce: true } action && action.Overlay.Id == overlayId);

    private static OutcomeBlock Unjudged(string reason) =>
        new(ContractVerdict.Inconclusive, reason, [], LnTailMicroNats: null, HashEqual: null);

    /// <summary>A proxy that is connected and does not answer is overdue; one not there yet is waited for.</summary>
    private bool IsOverdue(OpenAction action, ControlTime now) =>
        action.Pushed is { } pushed
        && now.Since(pushed) >= _options.Policy.AcknowledgeTimeout
        && _routes.GetValueOrDefault(action.Overlay.RouteConfiguration) is { Subscribed: > 0 } route
        && route.Holding < route.Subscribed;

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
}
