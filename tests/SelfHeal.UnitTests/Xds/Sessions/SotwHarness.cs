using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.Core.Time;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Sessions;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.UnitTests.Xds.Sessions;

/// <summary>A client that does what the test says, on a session of the state-of-the-world variant.</summary>
internal sealed class SotwHarness
{
    private readonly Dictionary<string, string[]> _names = new(StringComparer.Ordinal);
    private bool _nodeSent;
    private ControlTime _now;

    public SotwHarness(ValidatedSnapshot? snapshot = null, SessionOptions? options = null)
    {
        Session = new AdsSession(options ?? new SessionOptions { StreamId = "s1" });
        if (snapshot is not null)
            Session.OnSnapshot(snapshot);
        Session.OnTick(_now);
    }

    public AdsSession Session { get; }

    /// <summary>What the client announces in its first request.</summary>
    public string[] Features { get; init; } = [];

    public void Subscribe(string typeUrl, params string[] names)
    {
        _names[typeUrl] = names;
        Request(typeUrl, string.Empty, null);
    }

    public void Request(string typeUrl, string nonce, string? error, string version = "")
    {
        var request = new DiscoveryRequest { TypeUrl = typeUrl, ResponseNonce = nonce, VersionInfo = version };
        if (!_nodeSent)
            request.Node = new Node { Id = "gateway-1", ClientFeatures = { Features } };
        _nodeSent = true;
        request.ResourceNames.AddRange(_names.GetValueOrDefault(typeUrl) ?? []);
        if (error is not null)
            request.ErrorDetail = new Google.Rpc.Status { Code = 3, Message = error };
        Session.OnRequest(request);
    }

    /// <summary>Answers with other names than before.</summary>
    public void Ack(DiscoveryResponse response, params string[] names)
    {
        if (names.Length > 0)
            _names[response.TypeUrl] = names;
        Request(response.TypeUrl, response.Nonce, null, response.VersionInfo);
    }

    public void Nack(DiscoveryResponse response, string message = "no") =>
        Request(response.TypeUrl, response.Nonce, message);

    public void SetNames(string typeUrl, params string[] names) => _names[typeUrl] = names;

    public DiscoveryResponse? Take()
    {
        if (!Session.TryTakeResponse(out var response))
            return null;
        var message = DiscoveryResponse.Parser.ParseFrom(response.ToArray());
        Assert.Multiple(() =>
        {
            Assert.That(message.TypeUrl, Is.EqualTo(response.TypeUrl));
            Assert.That(message.Nonce, Is.EqualTo(response.Nonce).And.Not.Empty);
            Assert.That(message.Resources.Select(any => any.TypeUrl), Is.All.EqualTo(response.TypeUrl));
            Assert.That(Names(message), Is.Unique);
        });
        return message;
    }

    public DiscoveryResponse Expect(string typeUrl)
    {
        var response = Take();
        Assert.That(response?.TypeUrl, Is.EqualTo(typeUrl));
        return response ?? throw new AssertionException("no response");
    }

    public void ExpectNothing() => Assert.That(Take()?.TypeUrl, Is.Null);

    /// <summary>Takes one response of this type and accepts it.</summary>
    public DiscoveryResponse ExpectAndAck(string typeUrl)
    {
        var response = Expect(typeUrl);
        Ack(response);
        return response;
    }

    /// <summary>Subscribes as Envoy does and accepts everything.</summary>
    public void Start(params string[] services)
    {
        Subscribe(TypeUrl.Cluster);
        ExpectAndAck(TypeUrl.Cluster);
        Subscribe(TypeUrl.ClusterLoadAssignment, services);
        ExpectAndAck(TypeUrl.ClusterLoadAssignment);
        Subscribe(TypeUrl.Listener);
        ExpectAndAck(TypeUrl.Listener);
        Subscribe(TypeUrl.RouteConfiguration, [.. services.Select(service => $"{service}-route")]);
        ExpectAndAck(TypeUrl.RouteConfiguration);
        ExpectNothing();
        Events();
    }

    public void Tick(double seconds)
    {
        _now = _now.Plus(TimeSpan.FromSeconds(seconds));
        Session.OnTick(_now);
    }

    public List<SessionEvent> Events()
    {
        var events = new List<SessionEvent>();
        while (Session.TryTakeEvent(out var sessionEvent))
            events.Add(sessionEvent);
        return events;
    }

    public static string[] Names(DiscoveryResponse response) =>
        [.. response.Resources.Select(NameOf)];

    private static string NameOf(Any any) =>
        ResourceTypes.Find(TypeUrl.FullName(any.TypeUrl)) is { } type
            ? XdsResource.FromMessage(type.Parser.ParseFrom(any.Value)).Name
            : any.Value.ToBase64();
}
