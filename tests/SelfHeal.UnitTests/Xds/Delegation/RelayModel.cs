using System.Collections.Immutable;
using Google.Protobuf;
using SelfHeal.Core.Remediation;
using SelfHeal.FunctionalTests.Delegation;
using SelfHeal.Xds.Delegation;
using SelfHeal.Xds.Overlays;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;
using static SelfHeal.UnitTests.Xds.Overlays.TestOverlays;
using static SelfHeal.UnitTests.Xds.TestResources;

namespace SelfHeal.UnitTests.Xds.Delegation;

/// <summary>
/// A relay between a client and an Istiod by its own rules, with messages on their way between all three, and the
/// checks of what must hold at each of them.
/// </summary>
internal sealed class RelayModel
{
    private const string Eds = TypeUrl.ClusterLoadAssignment;
    private const string Rds = TypeUrl.RouteConfiguration;

    private static readonly string[] Types = [TypeUrl.Cluster, Eds, TypeUrl.Listener, Rds];
    private static readonly string[] Names = ["a", "b", "c"];

    private readonly RelayClient _client;
    private readonly Dictionary<(string Type, string Name), XdsResource> _given = [];
    private readonly Dictionary<(string Type, string Name), List<XdsResource>> _history = [];
    private readonly Queue<IstiodResponse> _onTheirWay = new();
    private IstiodSession _upstream;
    private OverlaysInForce _overlays = OverlaysInForce.None;
    private bool _isConnected = true;
    private int _versions;
    private int _overlayIds;

    public RelayModel(bool isDelta)
    {
        _client = new RelayClient(isDelta, IsOfTheUpstream, IsLaid);
        foreach (var name in Names)
        {
            foreach (var type in Types)
                Set(type, name, 1);
        }

        _upstream = Open();
        _client.Session.Upstream.OnConnected();
        _client.Ask(TypeUrl.Cluster);
        _client.Ask(TypeUrl.Listener);
    }

    /// <summary>One thing happens.</summary>
    /// <param name="what">0 to 11.</param>
    /// <param name="argument">Which.</param>
    public void Step(int what, int argument)
    {
        var name = Names[argument % Names.Length];
        var named = argument / 3 % 2 == 0 ? Eds : Rds;
        switch (what)
        {
            case 0:
                Change(Types[argument / 3 % Types.Length], name, argument / 12 % 4);
                break;
            case 1:
                _client.Subscribe(named, name);
                break;
            case 2:
                _client.Unsubscribe(named, name);
                break;
            case 3 or 4:
                _client.Receive();
                break;
            case 5:
                _client.Answer(argument, isAccepted: true);
                break;
            case 6:
                _client.Answer(argument, isAccepted: false);
                break;
            case 7:
                TellUpstream(argument % 3);
                break;
            case 8:
                Deliver();
                break;
            case 9 when argument % 4 == 0:
                Cut();
                break;
            case 9:
                Connect();
                break;
            case 10:
                Lay(argument);
                break;
            default:
                Settle(rounds: 1);
                break;
        }
    }

    /// <summary>No more faults: what is there is changed once more, so that nothing rejected is left, and all comes to
    /// rest.</summary>
    public void Finish(bool isOverlaid)
    {
        Connect();
        foreach (var type in Types)
        {
            foreach (var name in Names)
                Set(type, name, 7);
        }

        Push([.. Types]);
        Lay(isOverlaid ? 0 : 1);
        Settle(rounds: 60);
        _client.Tick(TimeSpan.FromSeconds(10));
        Settle(rounds: 60);
        foreach (var type in Types)
            _client.CheckHolds(type, type is Eds or Rds ? _client.NamesOf(type) : Names, Expected);
        Assert.That(_client.Session.Upstream.Undecided, Is.Empty, "every response of the upstream is answered");
    }

    private void Change(string type, string name, int knob)
    {
        if (knob == 0)
            _given.Remove((type, name));
        else
            Set(type, name, knob);
        Push(type);
    }

    private void Set(string type, string name, int knob) => Note(_given[(type, name)] = Resource(type, name, knob));

    private void Note(XdsResource resource)
    {
        var key = (resource.TypeUrl, resource.Name);
        if (!_history.TryGetValue(key, out var all))
            _history.Add(key, all = []);
        if (!all.Exists(each => each.ContentHash == resource.ContentHash))
            all.Add(resource);
    }

    private void Push(params string[] types)
    {
        if (!_isConnected)
            return;
        var changed = types.ToImmutableDictionary(
            static type => type, static _ => (ImmutableHashSet<string>?)[.. Names], StringComparer.Ordinal);
        Send(_upstream.OnPush(new IstiodPush(Freeze(), changed, IsForced: false)));
    }

    private void Send(IEnumerable<IstiodResponse> responses)
    {
        foreach (var response in responses)
        {
            foreach (var resource in response.Resources)
                Note(XdsResource.FromBytes(resource.Type, resource.Name, resource.Body.Span));
            _onTheirWay.Enqueue(response);
        }
    }

    /// <summary>As the relay's owner does it: first all that the client can be told, then some requests.</summary>
    private int TellUpstream(int most)
    {
        while (_client.Receive())
        {
        }

        _client.Session.Settle();
        var told = 0;
        while (told < most && _client.NextRequest() is { } message)
        {
            var request = IstiodRequest.Of(message);
            if (request.Error is { } error)
                Assert.That(_client.Said, Does.Contain(error.Message), "a rejection that the client never spoke");
            if (request.Message is Envoy.Service.Discovery.V3.DeltaDiscoveryRequest
                && (request.Error is not null || request.Nonce.Length > 0))
                Assert.That(request.Names.Concat(request.Unsubscribed), Is.Empty, "a change that may be dropped");
            Send(_upstream.OnRequest(request));
            told++;
        }

        return told;
    }

    private bool Deliver()
    {
        if (!_onTheirWay.TryDequeue(out var response))
            return false;
        var bytes = response.ToMessage(_client.IsDelta).ToByteArray();
        var problem = _client.IsDelta
            ? _client.Session.OnResponse(RelayedDeltaResponse.Parser.ParseFrom(bytes))
            : _client.Session.OnResponse(RelayedResponse.Parser.ParseFrom(bytes));
        Assert.That(problem, Is.Empty);
        return true;
    }

    private void Cut()
    {
        _onTheirWay.Clear();
        _isConnected = false;
        _client.Session.Upstream.OnLost();
    }

    private void Connect()
    {
        if (_isConnected)
            return;
        _isConnected = true;
        _upstream = Open();
        _client.Session.Upstream.OnConnected();
    }

    private void Lay(int argument)
    {
        // Ids are new each time: what was rejected under one of them does not come back.
        var id = $"o{_overlayIds++}";
        _overlays = (argument % 3) switch
        {
            0 => Of(Weights(id, "a", "shop", "#0", ("a", 77))),
            1 => OverlaysInForce.None,
            _ => Of(Outliers(id, "b", new OutlierSettings { Consecutive5xx = 2 })),
        };
        _client.Session.OnOverlays(_overlays);
    }

    private void Settle(int rounds)
    {
        for (var round = 0; round < rounds; round++)
        {
            var isBusy = TellUpstream(int.MaxValue) > 0;
            while (Deliver())
                isBusy = true;
            while (_client.Receive() || _client.Answer(0, isAccepted: true))
                isBusy = true;
            if (!isBusy)
                return;
        }

        Assert.That(rounds, Is.EqualTo(1), "the relay does not come to rest");
    }

    private IstiodSession Open() => new(_client.IsDelta, RelayClient.NodeId, hasCertificate: false, Freeze());

    private IstiodSnapshot Freeze()
    {
        var types = Types.ToImmutableDictionary(
            static type => ("", type),
            type => _given.Where(each => each.Key.Type == type).ToImmutableSortedDictionary(
                static each => each.Key.Name,
                static each => new IstiodResource(
                    each.Key.Type, each.Key.Name, ByteString.CopyFrom(each.Value.ValueBytes.Span)),
                StringComparer.Ordinal));
        return new IstiodSnapshot($"v{_versions++}", types);
    }

    private bool IsOfTheUpstream(string type, string name, ByteString any) =>
        _history.GetValueOrDefault((type, name), []).Exists(each => each.AnyBytes.Span.SequenceEqual(any.Span));

    /// <summary>Whether an overlay made these bytes of something that the upstream gave.</summary>
    private bool IsLaid(string type, string name, ByteString any)
    {
        Overlay[] overlays =
        [
            Weights("o", "a", "shop", "#0", ("a", 77)), Outliers("o", "b", new OutlierSettings { Consecutive5xx = 2 }),
        ];
        return _history.GetValueOrDefault((type, name), []).SelectMany(each => overlays.Select(o => Laid(each, o)))
            .Any(each => each.AnyBytes.Span.SequenceEqual(any.Span));
    }

    private XdsResource Expected(string type, string name)
    {
        var own = _given[(type, name)];
        return _overlays.Overlays.IsEmpty ? own : Laid(own, _overlays.Overlays[0]);
    }

    private static XdsResource Laid(XdsResource resource, Overlay overlay)
    {
        var snapshot = new SnapshotValidator(new SnapshotValidatorOptions { CheckReferences = false })
            .Validate(SelfHeal.Xds.Snapshots.Snapshot.Create([resource])).Snapshot;
        return snapshot is null
            ? resource
            : OverlayTranslator.Apply(snapshot, resource.TypeUrl, resource.Name, [overlay]).Resource ?? resource;
    }

    private static OverlaysInForce Of(Overlay overlay) => new([overlay], OverlayBasis.None, []);

    private static XdsResource Resource(string type, string name, int knob) => type switch
    {
        TypeUrl.Cluster => Cluster(name, knob),
        Eds => Endpoints(name, knob),
        TypeUrl.Listener => Listener(name, name, knob),
        _ => Split(name, ("a", (uint)knob), ("b", 10)),
    };
}
