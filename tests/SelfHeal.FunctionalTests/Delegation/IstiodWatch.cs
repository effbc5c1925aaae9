using System.Collections.Immutable;

namespace SelfHeal.FunctionalTests.Delegation;

/// <summary>What Istiod keeps of one type on one stream.</summary>
internal sealed class IstiodWatch(string type, ImmutableSortedSet<string> names)
{
    public string Type { get; } = type;

    /// <summary>The watched names; of CDS, LDS and Istio's own types in delta: the names that were sent last.</summary>
    public ImmutableSortedSet<string> Names { get; set; } = names;

    /// <summary>Whether the first request asked for everything; looked at for WDS only.</summary>
    public bool IsWildcard { get; init; }

    /// <summary>The only nonce that is not expired; empty before the first response.</summary>
    public string NonceSent { get; set; } = "";

    /// <summary>Whether the next ACK is answered all the same, so that a client gets its clusters warm.</summary>
    public bool AlwaysAnswers { get; set; }
}
