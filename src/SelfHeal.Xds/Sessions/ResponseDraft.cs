using System.Collections.Immutable;
using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using SelfHeal.Xds.Resources;

namespace SelfHeal.Xds.Sessions;

/// <summary>A response and what must be remembered of it.</summary>
internal sealed record ResponseDraft(XdsResponse Response, SentResponse Sent)
{
    /// <summary>State of the world.</summary>
    public static ResponseDraft Sotw(
        string typeUrl,
        string version,
        string nonce,
        string identifier,
        IReadOnlyList<XdsResource> resources,
        string? setKey)
    {
        var header = new DiscoveryResponse
        {
            VersionInfo = version,
            TypeUrl = typeUrl,
            Nonce = nonce,
            ControlPlane = new ControlPlane { Identifier = identifier },
        };
        var segments = ImmutableArray.CreateBuilder<ReadOnlyMemory<byte>>(resources.Count + 1);
        segments.Add(header.ToByteArray());
        foreach (var resource in resources)
            segments.Add(resource.SotwFrame);
        return Of(typeUrl, version, nonce, segments.MoveToImmutable(), resources, [], setKey);
    }

    /// <summary>Incremental.</summary>
    public static ResponseDraft Delta(
        string typeUrl,
        string version,
        string nonce,
        string identifier,
        IReadOnlyList<XdsResource> resources,
        ImmutableArray<string> removed)
    {
        var header = new DeltaDiscoveryResponse
        {
            SystemVersionInfo = version,
            TypeUrl = typeUrl,
            Nonce = nonce,
            ControlPlane = new ControlPlane { Identifier = identifier },
        };
        header.RemovedResources.AddRange(removed);
        var segments = ImmutableArray.CreateBuilder<ReadOnlyMemory<byte>>(resources.Count + 1);
        segments.Add(header.ToByteArray());
        foreach (var resource in resources)
            segments.Add(resource.DeltaFrame);
        return Of(typeUrl, version, nonce, segments.MoveToImmutable(), resources, removed, setKey: null);
    }

    // The key names the whole content where the answer states the full set; null: each resource stands by itself.
    private static ResponseDraft Of(
        string typeUrl,
        string version,
        string nonce,
        ImmutableArray<ReadOnlyMemory<byte>> segments,
        IReadOnlyList<XdsResource> resources,
        ImmutableArray<string> removed,
        string? setKey)
    {
        var sent = new SentResponse
        {
            Version = version,
            Nonce = nonce,
            Resources = [.. resources.Select(resource => new ResourceVersion(resource.Name, resource.ContentHash))],
            Removed = removed,
            FullState = setKey is not null,
            QuarantineKeys = setKey is not null
                ? [setKey]
                : [.. resources.Select(resource => ContentQuarantine.Key(resource.Name, resource.ContentHash))],
        };
        return new ResponseDraft(new XdsResponse(typeUrl, version, nonce, resources.Count, segments), sent);
    }
}
