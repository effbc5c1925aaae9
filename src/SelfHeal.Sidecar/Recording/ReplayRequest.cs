using System.Collections.Immutable;
using SelfHeal.Core.Control;

namespace SelfHeal.Sidecar.Recording;

/// <summary>What is to be replayed, and how.</summary>
internal sealed record ReplayRequest
{
    /// <summary>What proxies take to acknowledge a change that the recording has no answer to.</summary>
    public static readonly TimeSpan DefaultAcknowledgeDelay = TimeSpan.FromMilliseconds(500);

    /// <summary>The files of one recording, in order; a later one goes on where the one before ends.</summary>
    public required ImmutableArray<string> Files { get; init; }

    /// <summary>Records decided before are not shown, and most of what comes before is not run; null is the
    /// beginning.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Where to stop; null is the end.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Another policy than the recorded one; null is the recorded one.</summary>
    public Func<ControlLoopOptions, ControlLoopOptions>? WhatIf { get; init; }

    /// <summary>See <see cref="DefaultAcknowledgeDelay"/>.</summary>
    public TimeSpan AcknowledgeDelay { get; init; } = DefaultAcknowledgeDelay;
}
