using System.Collections.Immutable;
using Envoy.Service.Discovery.V3;

namespace SelfHeal.UnitTests.Xds.Delegation;

/// <summary>A request to an upstream, of either variant.</summary>
internal sealed record RelayedRequest(string Type, string Nonce)
{
    /// <summary>The node's id; null where no node is told.</summary>
    public string? Node { get; private init; }

    /// <summary>Empty in delta.</summary>
    public string Version { get; private init; } = "";

    /// <summary>What it says is wrong; null if nothing is.</summary>
    public string? Error { get; private init; }

    /// <summary>All names that are asked for; in delta those that are new.</summary>
    public ImmutableArray<string> Names { get; private init; } = [];

    /// <summary>Delta only.</summary>
    public ImmutableArray<string> Unsubscribed { get; private init; } = [];

    /// <summary>Delta only: versions by name, each as <c>name=version</c>, sorted.</summary>
    public ImmutableArray<string> Held { get; private init; } = [];

    /// <summary>An answer to a response, and that it is taken.</summary>
    public bool IsAck => Nonce.Length > 0 && Error is null;

    public static RelayedRequest Of(DiscoveryRequest request) => new(request.TypeUrl, request.ResponseNonce)
    {
        Node = request.Node?.Id,
        Version = request.VersionInfo,
        Error = request.ErrorDetail?.Message,
        Names = [.. request.ResourceNames],
    };

    public static RelayedRequest Of(DeltaDiscoveryRequest request) => new(request.TypeUrl, request.ResponseNonce)
    {
        Node = request.Node?.Id,
        Error = request.ErrorDetail?.Message,
        Names = [.. request.ResourceNamesSubscribe],
        Unsubscribed = [.. request.ResourceNamesUnsubscribe],
        Held =
        [
            .. request.InitialResourceVersions.Select(static each => $"{each.Key}={each.Value}")
                .Order(StringComparer.Ordinal),
        ],
    };
}
