using System.Collections.Immutable;
using SelfHeal.Core.Time;

namespace SelfHeal.Xds.Sessions;

/// <summary>The latest response of a type: what it carried and whether it was answered.</summary>
internal sealed class SentResponse
{
    private ControlTime? _firstSeen;

    public required string Version { get; init; }

    public required string Nonce { get; init; }

    /// <summary>Sorted by name.</summary>
    public required ImmutableArray<ResourceVersion> Resources { get; init; }

    public required ImmutableArray<string> Removed { get; init; }

    /// <summary>Whether it stated the whole set, so that the client drops what is not in it.</summary>
    public required bool FullState { get; init; }

    /// <summary>What goes to quarantine if it is rejected.</summary>
    public required ImmutableArray<string> QuarantineKeys { get; init; }

    public bool IsAnswered { get; set; }

    public bool IsRejected { get; set; }

    /// <summary>Whether others have waited long enough for a good answer.</summary>
    public bool IsOverdue { get; private set; }

    /// <summary>Whether routes and listeners must still wait for it.</summary>
    public bool HoldsDependents => !IsOverdue && (!IsAnswered || IsRejected);

    /// <summary>Measured from the first tick after it was sent: a session sees time only in ticks.</summary>
    /// <returns>True when the wait ends at this tick.</returns>
    public bool OnTick(ControlTime now, TimeSpan max)
    {
        _firstSeen ??= now;
        if (!HoldsDependents || now.Since(_firstSeen.Value) < max)
            return false;
        IsOverdue = true;
        return true;
    }
}
