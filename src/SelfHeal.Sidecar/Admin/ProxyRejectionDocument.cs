using System.Collections.Immutable;

namespace SelfHeal.Sidecar.Admin;

/// <summary>One NACK.</summary>
/// <param name="Type">Full name of the type.</param>
/// <param name="Version">Of the rejected response.</param>
/// <param name="Code">The gRPC status code that the proxy gave.</param>
/// <param name="Message">The proxy's own words.</param>
/// <param name="At">When it came.</param>
/// <param name="Culprits">The resources that are known to be the reason; empty while that is not known.</param>
/// <param name="Resources">What in the response was new to the proxy.</param>
/// <param name="Omitted">How many more there were.</param>
internal sealed record ProxyRejectionDocument(
    string Type,
    string Version,
    int Code,
    string Message,
    DateTimeOffset At,
    ImmutableArray<string> Culprits,
    ImmutableArray<ProxyDifferenceDocument> Resources,
    int Omitted);
