using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Sessions;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.UnitTests.Xds.Sessions;

/// <summary>
/// A client of one type that rejects certain contents, and that checks that it is never sent again what it rejected.
/// </summary>
internal sealed class PickyClient
{
    private readonly IXdsSession _session;
    private readonly string _typeUrl;
    private readonly string[] _names;
    private readonly Func<string, string, bool> _isBad;
    private readonly HashSet<string> _rejected = new(StringComparer.Ordinal);
    private readonly Queue<Received> _unanswered = new();

    public PickyClient(bool delta, string typeUrl, string[] names, Func<string, string, bool> isBad)
    {
        var options = new SessionOptions { StreamId = "picky" };
        _session = delta ? new DeltaAdsSession(options) : new AdsSession(options);
        _typeUrl = typeUrl;
        _names = names;
        _isBad = isBad;
        Request(string.Empty, null, names);
    }

    private sealed record Received(string Nonce, List<(string Name, string Hash)> Resources, List<string> Removed);

    /// <summary>Whether it says which resources it rejects.</summary>
    public bool NamesCulprits { get; init; }

    /// <summary>Whether it applies what is good in a response that it rejects, as Envoy does.</summary>
    public bool AppliesGoodParts { get; init; }

    /// <summary>Content hash by name.</summary>
    public SortedDictionary<string, string> Applied { get; } = new(StringComparer.Ordinal);

    public List<SessionEvent> Events { get; } = [];

    /// <summary>How many responses it has rejected.</summary>
    public int Rejections { get; private set; }

    /// <summary>How many responses it has read.</summary>
    public int Responses { get; private set; }

    public void Recall(ValidatedSnapshot snapshot) => _session.Recall(snapshot);

    public void Offer(ValidatedSnapshot snapshot) => _session.OnSnapshot(snapshot);

    /// <summary>Reads one response, if there is one.</summary>
    public bool Receive()
    {
        if (!_session.TryTakeResponse(out var response))
            return false;
        var received = _session is DeltaAdsSession ? DecodeDelta(response) : DecodeSotw(response);
        Responses++;
        Assert.That(_rejected, Does.Not.Contain(Key(received)), "what was rejected came again");
        Assert.That(received.Resources.Select(each => each.Name).Concat(received.Removed), Is.Unique);
        _unanswered.Enqueue(received);
        return true;
    }

    /// <summary>Answers the oldest response that it has read.</summary>
    public bool Answer()
    {
        if (!_unanswered.TryDequeue(out var received))
            return false;
        var bad = received.Resources.FindAll(each => _isBad(each.Name, each.Hash));
        if (bad.Count == 0 || AppliesGoodParts)
            Apply(received, bad.ConvertAll(each => each.Name));
        if (bad.Count > 0)
        {
            Rejections++;
            _rejected.Add(Key(received));
        }
        var message = NamesCulprits
            ? string.Concat("Error adding/updating: ", string.Join(", ", bad.Select(each => $"{each.Name}: bad")))
            : "some resource is bad";
        Request(received.Nonce, bad.Count > 0 ? message : null, _session is DeltaAdsSession ? [] : _names);
        while (_session.TryTakeEvent(out var sessionEvent))
            Events.Add(sessionEvent);
        return true;
    }

    public void Settle()
    {
        for (var round = 0; round < 5000; round++)
        {
            if (!Receive() && !Answer())
                return;
        }
        Assert.Fail("the server does not come to rest");
    }

    private void Apply(Received received, List<string> bad)
    {
        if (_session is AdsSession && _typeUrl is TypeUrl.Cluster)
        {
            var sent = received.Resources.Select(each => each.Name);
            foreach (var name in Applied.Keys.Except(sent, StringComparer.Ordinal).ToArray())
                Applied.Remove(name);
        }
        foreach (var (name, hash) in received.Resources)
        {
            if (!bad.Contains(name))
                Applied[name] = hash;
        }
        foreach (var name in received.Removed)
            Applied.Remove(name);
    }

    private void Request(string nonce, string? error, string[] names)
    {
        var status = error is null ? null : new Google.Rpc.Status { Code = 3, Message = error };
        var node = new Node { Id = "picky" };
        if (_session is DeltaAdsSession delta)
        {
            var request = new DeltaDiscoveryRequest
            {
                Node = node,
                TypeUrl = _typeUrl,
                ResponseNonce = nonce,
                ErrorDetail = status,
            };
            request.ResourceNamesSubscribe.AddRange(names);
            delta.OnRequest(request);
        }
        else if (_session is AdsSession sotw)
        {
            var request = new DiscoveryRequest
            {
                Node = node,
                TypeUrl = _typeUrl,
                ResponseNonce = nonce,
                ErrorDetail = status,
            };
            request.ResourceNames.AddRange(names);
            sotw.OnRequest(request);
        }
        Assert.That(_session.End, Is.Null);
    }

    private static Received DecodeDelta(XdsResponse response)
    {
        var message = DeltaDiscoveryResponse.Parser.ParseFrom(response.ToArray());
        return new Received(
            message.Nonce,
            [.. message.Resources.Select(each => (each.Name, each.Version))],
            [.. message.RemovedResources]);
    }

    private static Received DecodeSotw(XdsResponse response)
    {
        var message = DiscoveryResponse.Parser.ParseFrom(response.ToArray());
        var resources = message.Resources.Select(any =>
        {
            var type = ResourceTypes.Find(TypeUrl.FullName(any.TypeUrl));
            var resource = XdsResource.FromMessage(type?.Parser.ParseFrom(any.Value) ?? any);
            return (resource.Name, resource.ContentHash);
        });
        return new Received(message.Nonce, [.. resources], []);
    }

    private static string Key(Received received) => string.Join(
        '|', received.Resources.Select(each => $"{each.Name}={each.Hash}").Concat(received.Removed));
}
