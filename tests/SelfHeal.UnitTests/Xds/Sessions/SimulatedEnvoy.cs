using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Envoy.Service.Discovery.V3;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.Core.Time;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Sessions;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.UnitTests.Xds.Sessions;

/// <summary>
/// A model of Envoy on one aggregated stream: it applies what it accepts, asks for the endpoints of the clusters and
/// the routes of the listeners that it has, and checks what a server must never do.
/// </summary>
internal sealed class SimulatedEnvoy
{
    private static readonly string[] Types =
        [TypeUrl.Cluster, TypeUrl.ClusterLoadAssignment, TypeUrl.Listener, TypeUrl.RouteConfiguration];

    private readonly bool _delta;
    private readonly HashSet<string> _warming = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _versions = new(StringComparer.Ordinal);
    private IXdsSession _session;
    private ValidatedSnapshot? _offered;
    private int _streams;
    private readonly Dictionary<string, SortedDictionary<string, Any>> _applied;
    private readonly Dictionary<string, SortedSet<string>> _names;
    private readonly Dictionary<string, Received> _unanswered = new(StringComparer.Ordinal);
    private readonly List<string> _arrived = [];
    private readonly Dictionary<string, string> _latestNonce = new(StringComparer.Ordinal);
    private readonly HashSet<string> _nonces = new(StringComparer.Ordinal);
    private readonly HashSet<string> _rejected = new(StringComparer.Ordinal);
    private readonly HashSet<string> _started = new(StringComparer.Ordinal);
    private ControlTime _now;

    public SimulatedEnvoy(bool delta)
    {
        _delta = delta;
        _session = Open();
        _applied = Types.ToDictionary(
            type => type, _ => new SortedDictionary<string, Any>(StringComparer.Ordinal), StringComparer.Ordinal);
        _names = Types.ToDictionary(
            type => type, _ => new SortedSet<string>(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    private sealed record Received(
        string TypeUrl, string Nonce, string Version, List<(string Name, Any Content)> Resources, string[] Removed);

    public IReadOnlyCollection<string> Unanswered => _unanswered.Keys;

    public void Offer(ValidatedSnapshot snapshot)
    {
        _offered = snapshot;
        _session.OnSnapshot(snapshot);
    }

    public void Tick(TimeSpan passed)
    {
        _now = _now.Plus(passed);
        _session.OnTick(_now);
    }

    /// <summary>The stream opens with clusters and listeners, as Envoy's does.</summary>
    public void Connect()
    {
        Send(TypeUrl.Cluster, string.Empty, rejected: false, [], []);
        Send(TypeUrl.Listener, string.Empty, rejected: false, [], []);
    }

    /// <summary>
    /// The stream is cut, with whatever is on its way on it, and another one opened, perhaps to another replica: all
    /// that it knows of this client is what the client tells and what its node is remembered to have accepted.
    /// </summary>
    public void Reconnect()
    {
        _unanswered.Clear();
        _arrived.Clear();
        _latestNonce.Clear();
        _rejected.Clear();
        _session = Open();
        _session.Recall(Accepted());
        if (_offered is not null)
            _session.OnSnapshot(_offered);
        foreach (var typeUrl in Types.Where(_started.Contains).ToArray())
            Send(typeUrl, string.Empty, rejected: false, [.. _names[typeUrl]], [], isFirst: true);
    }

    /// <summary>No cluster waits for endpoints that nobody will send.</summary>
    public void CheckWarm() => Assert.That(_warming, Is.Empty, "a cluster warms for ever");

    /// <summary>Reads one response, if there is one, and checks it.</summary>
    public bool Receive()
    {
        while (_session.TryTakeEvent(out _))
        {
        }
        if (!_session.TryTakeResponse(out var response))
            return false;
        var received = Decode(response);
        Assert.That(
            _unanswered.ContainsKey(received.TypeUrl), Is.False, "two responses of one type wait for an answer");
        Assert.That(_nonces.Add(received.Nonce), "a nonce came twice");
        Assert.That(_rejected, Does.Not.Contain(Key(received)), "rejected content came again");
        Assert.That(
            received.Resources.Select(resource => resource.Name).Concat(received.Removed),
            Is.Unique,
            "a name came twice");
        _unanswered.Add(received.TypeUrl, received);
        _arrived.Add(received.TypeUrl);
        return true;
    }

    public void Answer(string typeUrl, bool accept)
    {
        if (!_unanswered.Remove(typeUrl, out var received))
            return;
        _arrived.Remove(typeUrl);
        _latestNonce[typeUrl] = received.Nonce;
        if (accept)
        {
            _versions[typeUrl] = received.Version;
            Apply(received);
        }
        else if (received.Resources.Count > 0)
            // That a name does not exist is said again whenever the name is asked for again.
            _rejected.Add(Key(received));
        Send(typeUrl, received.Nonce, !accept, [], []);
        if (!accept)
            return;
        if (typeUrl is TypeUrl.Cluster)
            Want(TypeUrl.ClusterLoadAssignment, [.. _applied[TypeUrl.Cluster].Keys]);
        if (typeUrl is TypeUrl.Listener)
            Want(TypeUrl.RouteConfiguration, [.. _applied[TypeUrl.Listener].Values.Select(RouteOf)]);
    }

    /// <summary>Accepts the response that came first, as Envoy does: one at a time, in order.</summary>
    public void AcceptOldest()
    {
        if (_arrived.Count > 0)
            Answer(_arrived[0], accept: true);
    }

    /// <summary>Accepts everything until nothing more comes.</summary>
    public void Settle()
    {
        for (var round = 0; round < 200; round++)
        {
            while (Receive())
            {
            }
            if (_unanswered.Count == 0)
                return;
            AcceptOldest();
        }
        Assert.Fail("the server does not come to rest");
    }

    /// <summary>No route that is in use points at a cluster that is not there.</summary>
    public void CheckRoutes()
    {
        foreach (var route in _applied[TypeUrl.RouteConfiguration].Values)
        {
            foreach (var host in route.Unpack<RouteConfiguration>().VirtualHosts)
                Assert.That(
                    _applied[TypeUrl.Cluster].Keys,
                    Does.Contain(host.Routes[0].Route_.Cluster),
                    "traffic falls into a hole");
        }
    }

    public void CheckHolds(ValidatedSnapshot snapshot)
    {
        foreach (var typeUrl in Types)
        {
            var expected = snapshot.Get(typeUrl).Resources.Select(resource => resource.ToString());
            var actual = _applied[typeUrl].Values.Select(any => XdsResource.FromMessage(Message(any)).ToString());
            Assert.That(actual, Is.EqualTo(expected), typeUrl);
        }
    }

    private void Want(string typeUrl, string[] names)
    {
        var wanted = new SortedSet<string>(names, StringComparer.Ordinal);
        if (_started.Contains(typeUrl) && wanted.SetEquals(_names[typeUrl]))
            return;
        string[] added = [.. wanted.Except(_names[typeUrl], StringComparer.Ordinal)];
        string[] removed = [.. _names[typeUrl].Except(wanted, StringComparer.Ordinal)];
        foreach (var name in removed)
            _applied[typeUrl].Remove(name);
        // Who asks for a name anew is answered, even with what was rejected before.
        if (added.Length > 0)
            _rejected.RemoveWhere(key => key.StartsWith(typeUrl, StringComparison.Ordinal));
        _names[typeUrl] = wanted;
        Send(
            typeUrl,
            _delta ? string.Empty : _latestNonce.GetValueOrDefault(typeUrl, string.Empty),
            rejected: false,
            added,
            removed);
    }

    private IXdsSession Open()
    {
        var options = new SessionOptions { StreamId = $"sim{++_streams}" };
        return _delta ? new DeltaAdsSession(options) : new AdsSession(options);
    }

    private ValidatedSnapshot Accepted()
    {
        var resources = _applied.Values.SelectMany(type => type.Values)
            .Select(any => XdsResource.FromMessage(Message(any)));
        return new SnapshotValidator(new SnapshotValidatorOptions { CheckReferences = false })
            .Validate(SelfHeal.Xds.Snapshots.Snapshot.Create(resources)).Snapshot ?? ValidatedSnapshot.Empty;
    }

    private void Send(
        string typeUrl, string nonce, bool rejected, string[] added, string[] removed, bool isFirst = false)
    {
        _started.Add(typeUrl);
        var error = rejected ? new Google.Rpc.Status { Code = 13, Message = "rejected by the simulation" } : null;
        var node = new Node { Id = "sim" };
        if (_session is DeltaAdsSession delta)
        {
            var request = new DeltaDiscoveryRequest
            {
                Node = node,
                TypeUrl = typeUrl,
                ResponseNonce = nonce,
                ErrorDetail = error,
            };
            request.ResourceNamesSubscribe.AddRange(added);
            request.ResourceNamesUnsubscribe.AddRange(removed);
            if (isFirst)
            {
                foreach (var (name, any) in _applied[typeUrl])
                    request.InitialResourceVersions[name] = XdsResource.FromMessage(Message(any)).ContentHash;
            }
            delta.OnRequest(request);
        }
        else if (_session is AdsSession sotw)
        {
            // While a response waits unread Envoy still answers the one before it: then the nonce is stale, and legal.
            var request = new DiscoveryRequest
            {
                Node = node,
                TypeUrl = typeUrl,
                ResponseNonce = nonce,
                ErrorDetail = error,
                VersionInfo = _versions.GetValueOrDefault(typeUrl, string.Empty),
            };
            request.ResourceNames.AddRange(_names[typeUrl]);
            sotw.OnRequest(request);
        }
        Assert.That(_session.End, Is.Null);
    }

    private void Apply(Received received)
    {
        var applied = _applied[received.TypeUrl];
        var isWildcard = received.TypeUrl is TypeUrl.Cluster or TypeUrl.Listener;
        var before = applied.ToDictionary(each => each.Key, each => each.Value, StringComparer.Ordinal);
        if (!_delta && isWildcard)
            applied.Clear();
        // Envoy passes over what it does not ask for any more.
        foreach (var (name, content) in received.Resources.Where(
            each => isWildcard || _names[received.TypeUrl].Contains(each.Name)))
        {
            applied[name] = content;
            // A cluster that is new or changed waits for endpoints, even for those that are known already.
            if (received.TypeUrl is TypeUrl.Cluster && !content.Equals(before.GetValueOrDefault(name)))
                _warming.Add(name);
        }
        foreach (var name in received.Removed)
            applied.Remove(name);
        if (received.TypeUrl is TypeUrl.ClusterLoadAssignment)
            _warming.ExceptWith(received.Resources.Select(each => each.Name).Concat(received.Removed));
        _warming.IntersectWith(_applied[TypeUrl.Cluster].Keys);
    }

    private Received Decode(XdsResponse response)
    {
        if (_delta)
        {
            var delta = DeltaDiscoveryResponse.Parser.ParseFrom(response.ToArray());
            return new Received(
                delta.TypeUrl, delta.Nonce, delta.SystemVersionInfo, [
                    .. delta.Resources.Select(each => (each.Name, each.Resource_))], [.. delta.RemovedResources]);
        }
        var sotw = DiscoveryResponse.Parser.ParseFrom(response.ToArray());
        return new Received(
            sotw.TypeUrl, sotw.Nonce, sotw.VersionInfo, [
                .. sotw.Resources.Select(any => (XdsResource.FromMessage(Message(any)).Name, any))], []);
    }

    private static string Key(Received received) => received.TypeUrl + string.Concat(
        received.Resources.Select(each => $"|{each.Name}={each.Content.Value.ToBase64()}"))
        + string.Concat(received.Removed.Select(name => $"|-{name}"));

    private static Google.Protobuf.IMessage Message(Any any) => any.TypeUrl switch
    {
        TypeUrl.Cluster => any.Unpack<Cluster>(),
        TypeUrl.Listener => any.Unpack<Listener>(),
        TypeUrl.RouteConfiguration => any.Unpack<RouteConfiguration>(),
        _ => any.Unpack<Envoy.Config.Endpoint.V3.ClusterLoadAssignment>(),
    };

    /// <summary>Listeners of the tests name their route after themselves.</summary>
    private static string RouteOf(Any listener) =>
        listener.Unpack<Listener>().Name.Replace("-listener", "-route", StringComparison.Ordinal);
}
