using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using SelfHeal.Xds.Delegation;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Sessions;

namespace SelfHeal.UnitTests.Xds.Delegation;

/// <summary>What a relay asks an upstream and what that says, without a client.</summary>
internal sealed class UpstreamHarness
{
    private readonly bool _isDelta;

    public UpstreamHarness(bool isDelta, params string[] ownLayers)
    {
        _isDelta = isDelta;
        Session = new UpstreamSession(isDelta, [.. ownLayers]);
        Session.Identify(new Node { Id = "node" });
        Session.OnConnected();
    }

    public UpstreamSession Session { get; }

    public void Ask(string type, params string[] names) =>
        Session.Ask(new SessionEvent.Subscribed("node", type, [.. names], [], Wildcard: false));

    public void Drop(string type, params string[] names) =>
        Session.Ask(new SessionEvent.Subscribed("node", type, [], [.. names], Wildcard: false));

    public void AskForAll(string type, params string[] names) =>
        Session.Ask(new SessionEvent.Subscribed("node", type, [.. names], [], Wildcard: true));

    /// <summary>A request that is there to be taken; null if there is none.</summary>
    public RelayedRequest? Take() => _isDelta
        ? Session.TryTakeRequest(out DeltaDiscoveryRequest? delta) ? RelayedRequest.Of(delta) : null
        : Session.TryTakeRequest(out DiscoveryRequest? sotw) ? RelayedRequest.Of(sotw) : null;

    public RelayedRequest Expect() => Take() ?? throw new AssertionException("no request");

    public string Give(string type, string nonce, params XdsResource[] resources) =>
        Give(type, nonce, resources, []);

    public string Give(string type, string nonce, XdsResource[] resources, params string[] removed)
    {
        if (!_isDelta)
        {
            return Session.OnResponse(new RelayedResponse
            {
                TypeUrl = type,
                Nonce = nonce,
                VersionInfo = $"version-{nonce}",
                Resources = { resources.Select(static each => ByteString.CopyFrom(each.AnyBytes.Span)) },
            });
        }

        return Session.OnResponse(new RelayedDeltaResponse
        {
            TypeUrl = type,
            Nonce = nonce,
            Resources = { resources.Select(each => Wrap(each, nonce)) },
            RemovedResources = { removed },
        });
    }

    public void Acknowledge() => Session.Undecided.Single().Acknowledge();

    public void Reject(string words) =>
        Session.Undecided.Single().Reject(new Google.Rpc.Status { Code = 13, Message = words });

    /// <summary>The names that it was given of a type and has.</summary>
    public string[] Names(string type) => [.. Session.Snapshot.Get(type).Resources.Select(static each => each.Name)];

    /// <summary>What it has under a name, as bytes.</summary>
    public byte[]? Bytes(string type, string name) => Session.Snapshot.Get(type).Find(name)?.AnyBytes.ToArray();

    public static RelayedResource Wrap(XdsResource resource, string version) => new()
    {
        Name = resource.Name,
        Version = version,
        Resource = ByteString.CopyFrom(resource.AnyBytes.Span),
        Aliases = { resource.Aliases },
    };
}
