using System.Collections.Immutable;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;

namespace SelfHeal.FunctionalTests.Delegation;

/// <summary>A response of either variant.</summary>
/// <param name="Type">Type URL.</param>
/// <param name="Version"><c>version_info</c>, in delta <c>system_version_info</c>.</param>
/// <param name="Nonce">Never the same twice.</param>
/// <param name="Resources">Whatever a test wants in it.</param>
/// <param name="Removed">Not sent in SotW.</param>
internal sealed record IstiodResponse(
    string Type,
    string Version,
    string Nonce,
    ImmutableArray<IstiodResource> Resources,
    ImmutableArray<string> Removed)
{
    public IMessage ToMessage(bool isDelta)
    {
        if (!isDelta)
        {
            return new DiscoveryResponse
            {
                TypeUrl = Type,
                VersionInfo = Version,
                Nonce = Nonce,
                Resources = { Resources.Select(static resource => resource.Any) },
            };
        }
        return new DeltaDiscoveryResponse
        {
            TypeUrl = Type,
            SystemVersionInfo = Version,
            Nonce = Nonce,
            Resources = { Resources.Select(Wrap) },
            RemovedResources = { Removed },
        };
    }

    private static Resource Wrap(IstiodResource resource) => new()
    {
        Name = resource.Name,
        Version = IstiodTypes.IsWorkload(resource.Type) ? resource.Version : "",
        Resource_ = resource.Any,
    };
}
