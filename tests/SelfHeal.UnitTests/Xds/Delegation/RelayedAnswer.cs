using System.Collections.Immutable;
using Google.Protobuf;
using SelfHeal.Xds.Delegation;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Sessions;

namespace SelfHeal.UnitTests.Xds.Delegation;

/// <summary>A response to the client, of either variant, with the bytes of each <c>Any</c> as they came.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Nonce">To be answered with.</param>
/// <param name="Version">In the state-of-the-world variant to be answered with, too.</param>
/// <param name="Resources">Name and encoded <c>Any</c>, in the order in which they came.</param>
/// <param name="Removed">Delta only.</param>
internal sealed record RelayedAnswer(
    string Type,
    string Nonce,
    string Version,
    ImmutableArray<(string Name, ByteString Any)> Resources,
    ImmutableArray<string> Removed)
{
    public string[] Names => [.. Resources.Select(static each => each.Name)];

    public static RelayedAnswer Of(XdsResponse response, bool isDelta)
    {
        if (isDelta)
        {
            var delta = RelayedDeltaResponse.Parser.ParseFrom(response.ToArray());
            return new RelayedAnswer(
                delta.TypeUrl,
                delta.Nonce,
                delta.SystemVersionInfo,
                [.. delta.Resources.Select(static each => (each.Name, each.Resource))],
                [.. delta.RemovedResources]);
        }

        var sotw = RelayedResponse.Parser.ParseFrom(response.ToArray());
        return new RelayedAnswer(
            sotw.TypeUrl,
            sotw.Nonce,
            sotw.VersionInfo,
            [.. sotw.Resources.Select(static (any, index) => (NameOf(any, index), any))],
            []);
    }

    private static string NameOf(ByteString any, int index)
    {
        var place = AnyPlace.Find(any.Memory) ?? throw new AssertionException("a resource is no Any");
        return TypeUrl.IsKnown(place.TypeUrl)
            ? ResourceNames.Read(place.TypeUrl, any.Memory.Slice(place.ValueStart, place.ValueLength)) ?? ""
            : $"#{index}";
    }
}
