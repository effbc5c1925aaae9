using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using SelfHeal.Core.Time;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Sessions;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.UnitTests.Xds.Sessions;

/// <summary>A client that does what the test says, on a session of the incremental variant.</summary>
internal sealed class DeltaHarness
{
    private bool _nodeSent;
    private ControlTime _now;

    public DeltaHarness(ValidatedSnapshot? snapshot = null, SessionOptions? options = null)
    {
        Session = new DeltaAdsSession(options ?? new SessionOptions { StreamId = "d1" });
        if (snapshot is not null)
            Session.OnSnapshot(snapshot);
        Session.OnTick(_now);
    }

    public DeltaAdsSession Session { get; }

    /// <summary>What the client announces in its first request.</summary>
    public string[] Features { get; init; } = [];

    public void Subscribe(string typeUrl, params string[] names) => Request(typeUrl, subscribe: names);

    public void Unsubscribe(string typeUrl, params string[] names) => Request(typeUrl, unsubscribe: names);

    public void Request(
        string typeUrl,
        string nonce = "",
        string? error = null,
        string[]? subscribe = null,
        string[]? unsubscribe = null,
        params XdsResource[] initial)
    {
        var request = new DeltaDiscoveryRequest { TypeUrl = typeUrl, ResponseNonce = nonce };
        if (!_nodeSent)
            request.Node = new Node { Id = "gateway-1", ClientFeatures = { Features } };
        _nodeSent = true;
        request.ResourceNamesSubscribe.AddRange(subscribe ?? []);
        request.ResourceNamesUnsubscribe.AddRange(unsubscribe ?? []);
        foreach (var resource in initial)
            request.InitialResourceVersions[resource.Name] = resource.ContentHash;
        if (error is not null)
            request.ErrorDetail = new Google.Rpc.Status { Code = 3, Message = error };
        Session.OnRequest(request);
    }

    public void Ack(DeltaDiscoveryResponse response) => Request(response.TypeUrl, response.Nonce);

    public void Nack(DeltaDiscoveryResponse response) => Request(response.TypeUrl, response.Nonce, "no");

    public DeltaDiscoveryResponse? Take()
    {
        if (!Session.TryTakeResponse(out var response))
            return null;
        var message = DeltaDiscoveryResponse.Parser.ParseFrom(response.ToArray());
        Assert.Multiple(() =>
        {
            Assert.That(message.Nonce, Is.EqualTo(response.Nonce).And.Not.Empty);
            Assert.That(message.TypeUrl, Is.EqualTo(response.TypeUrl));
            Assert.That(
                message.Resources.Select(each => each.Resource_?.TypeUrl ?? message.TypeUrl),
                Is.All.EqualTo(message.TypeUrl));
            Assert.That(message.Resources.Select(each => each.Name).Concat(message.RemovedResources), Is.Unique);
            Assert.That(message.Resources.Select(each => each.Version), Is.All.Not.Empty);
        });
        return message;
    }

    public DeltaDiscoveryResponse Expect(string typeUrl)
    {
        var response = Take();
        Assert.That(response?.TypeUrl, Is.EqualTo(typeUrl));
        return response ?? throw new AssertionException("no response");
    }

    public DeltaDiscoveryResponse ExpectAndAck(string typeUrl)
    {
        var response = Expect(typeUrl);
        Ack(response);
        return response;
    }

    /// <summary>Takes and accepts one response and compares it with what it should say.</summary>
    public void ExpectAndAck(string typeUrl, string[] resources, string[] removed)
    {
        var response = ExpectAndAck(typeUrl);
        Assert.That(Names(response), Is.EqualTo(resources));
        Assert.That(response.RemovedResources, Is.EqualTo(removed));
    }

    public void ExpectNothing() => Assert.That(Take()?.TypeUrl, Is.Null);

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

    public static string[] Names(DeltaDiscoveryResponse response) => [.. response.Resources.Select(each => each.Name)];
}
