using System.Collections.Immutable;
using SelfHeal.Xds.Resources;

namespace SelfHeal.Xds.Sessions;

/// <summary>The latest response of a type: what it carried and whether it was answered.</summary>
internal sealed class SentResponse
{
    public required string Version { get; init; }

    public required string Nonce { get; init; }

    /// <summary>Sorted by name; the set's own array where it carried a whole set.</summary>
    public required ImmutableArray<XdsResource> Resources { get; init; }

    public required ImmutableArray<string> Removed { get; init; }

    public bool IsAnswered { get; set; }

    public bool IsRejected { get; set; }
}
