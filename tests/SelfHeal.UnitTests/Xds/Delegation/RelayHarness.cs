using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using SelfHeal.Core.Time;
using SelfHeal.Xds.Delegation;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Sessions;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.UnitTests.Xds.Delegation;

/// <summary>
/// One relayed stream between a client and an upstream that do what the test says. It is pumped after each step, as its
/// owner does: responses to the client first, then what became of the upstream's.
/// </summary>
internal sealed class RelayHarness
{
    private readonly Dictionary<string, List<string>> _names = new(StringComparer.Ordinal);
    private readonly Queue<RelayedAnswer> _answers = new();
    private readonly Queue<RelayedRequest> _requests = new();
    private readonly string[] _features;
    private bool _nodeSent;
    private int _nonces;
    private ControlTime _now;

    public RelayHarness(bool isDelta, OverlaysInForce? overlays = null, params string[] features)
    {
        IsDelta = isDelta;
        _features = features;
        var validator = new SnapshotValidator(new SnapshotValidatorOptions { CheckReferences = false });
        Session = new RelaySession(
            new SessionOptions { StreamId = "r1" },
            isDelta,
            new SnapshotBuilder(validator),
            overlays ?? OverlaysInForce.None);
        Session.OnTick(_now);
        Session.Upstream.OnConnected();
    }

    public bool IsDelta { get; }

    public RelaySession Session { get; }

    /// <summary>The nonce of the upstream's latest response.</summary>
    public string LatestNonce => $"u{_nonces}";

    /// <summary>The client's latest words to each type, in delta what they change.</summary>
    public void Ask(string type, params string[] names)
    {
        _names[type] = [.. names];
        Request(type, "", null, names, []);
    }

    /// <summary>Delta: the client gives names up.</summary>
    public void Drop(string type, params string[] names) => Request(type, "", null, [], names);

    /// <summary>Delta: the first request of a client that comes from another stream.</summary>
    public void Resume(string type, params XdsResource[] held)
    {
        var request = new DeltaDiscoveryRequest { TypeUrl = type };
        foreach (var resource in held)
            request.InitialResourceVersions[resource.Name] = resource.ContentHash;
        Send(request);
    }

    public void Ack(RelayedAnswer answer) => Request(answer.Type, answer.Nonce, null, [], [], answer.Version);

    public void Nack(RelayedAnswer answer, string words) => Request(answer.Type, answer.Nonce, words, [], []);

    /// <summary>The upstream's answer; returns what is wrong with it.</summary>
    public string Give(string type, params XdsResource[] resources) => Give(type, resources, []);

    public string Give(string type, XdsResource[] resources, params string[] removed)
    {
        _nonces++;
        if (IsDelta)
        {
            var delta = new RelayedDeltaResponse { TypeUrl = type, Nonce = LatestNonce };
            delta.Resources.AddRange(resources.Select(static resource => new RelayedResource
            {
                Name = resource.Name,
                Resource = ByteString.CopyFrom(resource.AnyBytes.Span),
                Aliases = { resource.Aliases },
            }));
            delta.RemovedResources.AddRange(removed);
            return Give(delta);
        }

        var sotw = new RelayedResponse { TypeUrl = type, Nonce = LatestNonce, VersionInfo = $"v{_nonces}" };
        sotw.Resources.AddRange(resources.Select(static resource => ByteString.CopyFrom(resource.AnyBytes.Span)));
        return Give(sotw);
    }

    public string Give(RelayedResponse response) => Pumped(Session.OnResponse(response));

    public string Give(RelayedDeltaResponse response) => Pumped(Session.OnResponse(response));

    /// <summary>The upstream's stream is cut and another one opened.</summary>
    public void Reconnect()
    {
        Session.Upstream.OnLost();
        Session.Upstream.OnConnected();
        Pump();
    }

    public void Lay(OverlaysInForce overlays)
    {
        Session.OnOverlays(overlays);
        Pump();
    }

    public void Restore(UpstreamContents contents)
    {
        Session.Restore(contents);
        Pump();
    }

    public void Tick(double seconds)
    {
        _now = _now.Plus(TimeSpan.FromSeconds(seconds));
        Session.OnTick(_now);
        Pump();
    }

    /// <summary>The next response to the client, which is of this type.</summary>
    public RelayedAnswer Expect(string type)
    {
        Assert.That(_answers.TryPeek(out var next) ? next.Type : null, Is.EqualTo(type));
        return _answers.Dequeue();
    }

    public RelayedAnswer ExpectAndAck(string type)
    {
        var answer = Expect(type);
        Ack(answer);
        return answer;
    }

    public void ExpectNothing() => Assert.That(_answers.Select(static answer => answer.Type), Is.Empty);

    /// <summary>All requests to the upstream since the last call.</summary>
    public RelayedRequest[] Requests()
    {
        RelayedRequest[] requests = [.. _requests];
        _requests.Clear();
        return requests;
    }

    /// <summary>The only request to the upstream since the last call.</summary>
    public RelayedRequest Request()
    {
        var requests = Requests();
        Assert.That(requests, Has.Length.EqualTo(1));
        return requests[0];
    }

    /// <summary>The next rejection of what overlays made; null if there is none.</summary>
    public OverlayRejection? Rejection() => Session.TryTakeRejection(out var rejection) ? rejection : null;

    /// <summary>The client subscribes, the upstream gives, the client accepts.</summary>
    public RelayedAnswer Start(string type, string[] names, params XdsResource[] resources)
    {
        Ask(type, names);
        Requests();
        Assert.That(Give(type, resources), Is.Empty);
        var answer = ExpectAndAck(type);
        ExpectNothing();
        Assert.That(Requests().Where(static each => each.IsAck).Select(static each => each.Nonce),
            Is.EqualTo(new[] { LatestNonce }));
        return answer;
    }

    private void Request(
        string type, string nonce, string? error, string[] subscribe, string[] unsubscribe, string version = "")
    {
        var status = error is null ? null : new Google.Rpc.Status { Code = 13, Message = error };
        if (IsDelta)
        {
            var delta = new DeltaDiscoveryRequest { TypeUrl = type, ResponseNonce = nonce, ErrorDetail = status };
            delta.ResourceNamesSubscribe.AddRange(subscribe);
            delta.ResourceNamesUnsubscribe.AddRange(unsubscribe);
            Send(delta);
            return;
        }

        var sotw = new DiscoveryRequest
        {
            TypeUrl = type,
            ResponseNonce = nonce,
            VersionInfo = version,
            ErrorDetail = status,
            Node = Introduction(),
        };
        sotw.ResourceNames.AddRange(_names.GetValueOrDefault(type, []));
        Session.OnRequest(sotw);
        Pump();
    }

    private void Send(DeltaDiscoveryRequest request)
    {
        request.Node = Introduction();
        Session.OnRequest(request);
        Pump();
    }

    private Node? Introduction()
    {
        if (_nodeSent)
            return null;
        _nodeSent = true;
        return new Node { Id = "sidecar~10.0.0.1~shop.default~default", ClientFeatures = { _features } };
    }

    private string Pumped(string problem)
    {
        Pump();
        return problem;
    }

    private void Pump()
    {
        Assert.That(Session.Client.End, Is.Null);
        while (Session.TryTakeResponse(out var response))
            _answers.Enqueue(RelayedAnswer.Of(response, IsDelta));
        Session.Settle();
        while (IsDelta && Session.Upstream.TryTakeRequest(out DeltaDiscoveryRequest? delta))
            _requests.Enqueue(RelayedRequest.Of(delta));
        while (!IsDelta && Session.Upstream.TryTakeRequest(out DiscoveryRequest? sotw))
            _requests.Enqueue(RelayedRequest.Of(sotw));
        while (Session.TryTakeEvent(out _))
        {
        }
    }
}
