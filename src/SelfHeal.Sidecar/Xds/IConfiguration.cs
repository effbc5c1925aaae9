using System.Collections.Immutable;
using SelfHeal.Sidecar.Overlays;

namespace SelfHeal.Sidecar.Xds;

/// <summary>
/// Owns what is served, and the overlays on it: from a directory, or from an upstream. Every member may be called from
/// any thread at any time.
/// </summary>
internal interface IConfiguration
{
    /// <summary>What is served now; null until there was anything to serve.</summary>
    ServedConfiguration? Served { get; }

    /// <summary>Whether Envoys may be sent here.</summary>
    bool IsReady { get; }

    /// <summary>Everything that a human should know of what is served; empty when all is as it should be.</summary>
    ImmutableArray<string> Problems { get; }

    /// <summary>Why its loop has ended; null while it runs.</summary>
    string? Failure { get; }

    /// <summary>Every overlay as it stands, in the ordinal order of their ids.</summary>
    IReadOnlyList<OverlayEntry> Overlays { get; }

    /// <summary>How others change the overlays.</summary>
    OverlayCommands Commands { get; }
}
