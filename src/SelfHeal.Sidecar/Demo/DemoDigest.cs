namespace SelfHeal.Sidecar.Demo;

/// <summary>The route configuration as the data plane held it at one moment.</summary>
/// <param name="Moment">When, in words.</param>
/// <param name="Digest">SHA-256 in hex; null when it held none.</param>
internal sealed record DemoDigest(string Moment, string? Digest)
{
    /// <summary>Enough of it to tell it from others at a glance.</summary>
    public string Short => Digest is { Length: > 12 } ? Digest[..12] : Digest ?? "nothing";
}
