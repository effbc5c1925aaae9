using SelfHeal.Core;
using SelfHeal.Core.Time;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Xds.Accepted;

/// <summary>
/// Decides when what a group is served becomes its last-known-good: every proxy has acknowledged all of it, it has then
/// lasted long enough, requests have flowed, and no proxy has crashed. What was rejected, what nobody takes and what no
/// request has used proves nothing. Time is handed in.
/// </summary>
/// <param name="options">What must be proved.</param>
public sealed class VerifiedRules(VerifiedOptions options)
{
    private ValidatedSnapshot? _candidate;
    private ControlTime? _soaksSince;
    private long? _requestsBefore;
    private long? _restartsBefore;
    private VerifiedSnapshot? _verified;

    // The age is a difference of the monotonic clock, and begins with what an earlier process had counted.
    private ControlTime _confirmed;
    private TimeSpan _ageBefore;

    /// <summary>How far what is served has come.</summary>
    public VerifiedPhase Phase { get; private set; }

    /// <summary>Begins with the last-known-good of an earlier process.</summary>
    /// <param name="verified">What it was.</param>
    /// <param name="now">The time of this process.</param>
    public void Restore(VerifiedSnapshot verified, ControlTime now)
    {
        ArgumentNullException.ThrowIfNull(verified);
        _verified = verified;
        _confirmed = now;
        // The only clock that two processes share; one that was put back makes nothing younger than it is.
        var age = now.Wall.UtcTicks - verified.ConfirmedAt.UtcTicks;
        _ageBefore = TimeSpan.FromTicks(Math.Max(0, age));
    }

    /// <summary>The last-known-good; null if there is none, or none that is not too old.</summary>
    /// <param name="now">The time.</param>
    public VerifiedSnapshot? Verified(ControlTime now) =>
        _verified is not null && _ageBefore + now.Since(_confirmed) <= options.AgeMax ? _verified : null;

    /// <summary>Takes one look.</summary>
    /// <param name="now">Never earlier than at the last look.</param>
    /// <param name="seen">What is seen.</param>
    /// <returns>Whether there is another last-known-good now, or the same one was seen to work.</returns>
    public bool Look(ControlTime now, VerifiedEvidence seen)
    {
        ArgumentNullException.ThrowIfNull(seen);
        if (_candidate is null || seen.Served is null || !IsSame(_candidate, seen.Served))
        {
            _candidate = seen.Served;
            _soaksSince = null;
        }

        Phase = Judge(now, seen);
        if (Phase != VerifiedPhase.Verified)
            return false;
        Invariant.Assert(_candidate is not null, "what is verified is served");
        var since = _verified is not null && IsSame(_verified.Snapshot, _candidate) ? _verified.Since : now.Wall;
        _verified = new VerifiedSnapshot(_candidate, since, now.Wall);
        _confirmed = now;
        _ageBefore = TimeSpan.Zero;
        return true;
    }

    private VerifiedPhase Judge(ControlTime now, VerifiedEvidence seen)
    {
        if (seen.Served is null || seen.Streams == 0 || seen.IsRejected)
        {
            _soaksSince = null;
            return VerifiedPhase.Unproven;
        }

        // A crash while it is served speaks against it, whatever its cause: the wait begins again.
        if (_soaksSince is not null && _restartsBefore is not null && seen.Restarts is not null
            && seen.Restarts != _restartsBefore)
            _soaksSince = null;
        if (!seen.IsAcknowledged)
            return VerifiedPhase.AwaitingAck; // A proxy that has just come does not undo what the others have shown.
        if (_soaksSince is null)
        {
            _soaksSince = now;
            (_requestsBefore, _restartsBefore) = (null, null);
        }

        _requestsBefore ??= seen.Requests;
        _restartsBefore ??= seen.Restarts;

        // A counter that begins again has counted these at least.
        if (seen.Requests < _requestsBefore)
            _requestsBefore = 0;
        if (now.Since(_soaksSince.Value) < options.Soak)
            return VerifiedPhase.Soaking;
        return seen.Requests - _requestsBefore >= options.RequestsMin
            ? VerifiedPhase.Verified
            : VerifiedPhase.AwaitingTraffic;
    }

    private static bool IsSame(ValidatedSnapshot a, ValidatedSnapshot b) => ReferenceEquals(a, b)
        || a.Sets.Keys.Union(b.Sets.Keys, StringComparer.Ordinal).All(
            typeUrl => a.Get(typeUrl).Version == b.Get(typeUrl).Version);
}
