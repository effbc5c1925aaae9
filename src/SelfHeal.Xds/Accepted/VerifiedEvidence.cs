using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Xds.Accepted;

/// <summary>What is seen of a group at one look.</summary>
public sealed record VerifiedEvidence
{
    /// <summary>What is served; null if nothing is.</summary>
    public required ValidatedSnapshot? Served { get; init; }

    /// <summary>How many streams of the group are open.</summary>
    public required int Streams { get; init; }

    /// <summary>Whether each of them has acknowledged all that it subscribes to, as it is served.</summary>
    public required bool IsAcknowledged { get; init; }

    /// <summary>Whether anything of it was rejected, or is not served as it was meant to be.</summary>
    public required bool IsRejected { get; init; }

    /// <summary>How many requests the proxies have carried since a fixed moment; null if that is not known.</summary>
    public required long? Requests { get; init; }

    /// <summary>How often proxies were seen to have started anew since a fixed moment; null if that is not known.
    /// </summary>
    public required long? Restarts { get; init; }
}
