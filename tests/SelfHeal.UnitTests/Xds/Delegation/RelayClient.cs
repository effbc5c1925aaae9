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
/// A client of a relay that applies what it accepts, and checks each response: whose bytes it carries, and that it says
/// something new.
/// </summary>
/// <param name="isDelta">The variant.</param>
/// <param name="isOfTheUpstream">Whether the upstream has ever given these bytes.</param>
/// <param name="isLaid">Whether an overlay made these bytes of such.</param>
internal sealed class RelayClient(
    bool isDelta, Func<string, string, ByteString, bool> isOfTheUpstream, Func<string, string, ByteString, bool> isLaid)
{
    public const string NodeId = "sidecar~10.0.0.1~shop.default~default";

    private readonly Dictionary<string, SortedSet<string>> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Type, string Name), ByteString> _applied = [];
    private readonly Dictionary<(string Type, string Name), ByteString> _received = [];
    private readonly HashSet<(string Type, string Name)> _due = [];
    private readonly Dictionary<string, string> _nonces = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _versions = new(StringComparer.Ordinal);
    private readonly List<RelayedAnswer> _unanswered = [];
    private readonly HashSet<string> _mayRepeat = new(StringComparer.Ordinal);
    private bool _nodeSent;
    private ControlTime _now;

    public bool IsDelta => isDelta;

    public RelaySession Session { get; } = new(
        new SessionOptions { StreamId = "r1", ResyncMax = null },
        isDelta,
        new SnapshotBuilder(new SnapshotValidator(new SnapshotValidatorOptions { CheckReferences = false })),
        OverlaysInForce.None);

    /// <summary>What it said of the upstream's own content.</summary>
    public HashSet<string> Said { get; } = new(StringComparer.Ordinal);

    public IReadOnlyCollection<string> NamesOf(string type) => _names.GetValueOrDefault(type, []);

    public void Tick(TimeSpan passed)
    {
        _now = _now.Plus(passed);
        Session.OnTick(_now);
    }

    /// <summary>Asks for everything of a type.</summary>
    public void Ask(string type) => Send(type, "", null, [], []);

    public void Subscribe(string type, string name)
    {
        if (!_names.TryGetValue(type, out var names))
            _names.Add(type, names = new SortedSet<string>(StringComparer.Ordinal));
        // Asked for again, it is answered again.
        if (names.Add(name) || isDelta)
            _due.Add((type, name));
        Send(type, isDelta ? "" : _nonces.GetValueOrDefault(type, ""), null, [name], []);
    }

    public void Unsubscribe(string type, string name)
    {
        if (!_names.TryGetValue(type, out var names) || !names.Remove(name))
            return;
        _applied.Remove((type, name));
        _received.Remove((type, name));
        Send(type, isDelta ? "" : _nonces.GetValueOrDefault(type, ""), null, [], [name]);
    }

    /// <summary>Reads one response, if there is one, and checks it.</summary>
    public bool Receive()
    {
        while (Session.TryTakeRejection(out _) || Session.TryTakeEvent(out _))
        {
        }

        if (!Session.TryTakeResponse(out var response))
            return false;
        var answer = RelayedAnswer.Of(response, isDelta);
        Assert.That(_unanswered.Exists(each => each.Type == answer.Type), Is.False, "two wait for an answer");
        Assert.That(answer.Names.Concat(answer.Removed), Is.Unique, "a name came twice");
        foreach (var (name, any) in answer.Resources)
        {
            Assert.That(
                isOfTheUpstream(answer.Type, name, any) || isLaid(answer.Type, name, any),
                $"{answer.Type} '{name}' is neither the upstream's nor made of it");
        }

        CheckNews(answer);
        _unanswered.Add(answer);
        return true;
    }

    /// <summary>Answers one response; without resources there is nothing to reject.</summary>
    public bool Answer(int which, bool isAccepted)
    {
        if (_unanswered.Count == 0)
            return false;
        var answer = _unanswered[which % _unanswered.Count];
        _unanswered.Remove(answer);
        _nonces[answer.Type] = answer.Nonce;
        if (isAccepted || answer.Resources.IsEmpty)
        {
            Apply(answer);
            _versions[answer.Type] = answer.Version;
            Send(answer.Type, answer.Nonce, null, [], []);
            return true;
        }

        foreach (var name in answer.Removed)
            _applied.Remove((answer.Type, name));
        var words = $"rejected {answer.Nonce}";
        // Nothing else is sent, as each response was checked.
        var isOurs = !answer.Resources.All(each => isOfTheUpstream(answer.Type, each.Name, each.Any));
        if (answer.Resources.Any(each => isOfTheUpstream(answer.Type, each.Name, each.Any)))
            Said.Add(words);
        if (isOurs)
            _mayRepeat.Add(answer.Type);
        Send(answer.Type, answer.Nonce, words, [], []);
        return true;
    }

    public IMessage? NextRequest() => isDelta
        ? Session.Upstream.TryTakeRequest(out DeltaDiscoveryRequest? delta) ? delta : null
        : Session.Upstream.TryTakeRequest(out DiscoveryRequest? sotw) ? sotw : null;

    public void CheckHolds(string type, IEnumerable<string> names, Func<string, string, XdsResource> expected)
    {
        var holds = _applied.Where(each => each.Key.Type == type)
            .ToDictionary(static each => each.Key.Name, static each => each.Value, StringComparer.Ordinal);
        Assert.That(holds.Keys.Order(StringComparer.Ordinal), Is.EqualTo(names.Order(StringComparer.Ordinal)), type);
        foreach (var (name, any) in holds)
            Assert.That(any.Span.SequenceEqual(expected(type, name).AnyBytes.Span), $"{type} '{name}'");
    }

    /// <summary>Nothing is sent twice on a stream but what the client asks for again, endpoints that clusters wait for,
    /// and what was rejected beside an overlay.</summary>
    private void CheckNews(RelayedAnswer answer)
    {
        var isWhole = !isDelta && answer.Type is TypeUrl.Cluster or TypeUrl.Listener;
        var mayRepeat = _mayRepeat.Remove(answer.Type) | !_nonces.ContainsKey(answer.Type);
        var repeated = answer.Resources
            .Where(each => each.Any.Equals(_received.GetValueOrDefault((answer.Type, each.Name)))
                && !_due.Contains((answer.Type, each.Name)))
            .Select(static each => each.Name).ToList();
        var before = _received.Keys.Where(each => each.Type == answer.Type).Select(static each => each.Name).ToList();
        if (isWhole)
        {
            Assert.That(
                mayRepeat || repeated.Count < answer.Resources.Length || before.Count > repeated.Count,
                $"the same {answer.Type} again");
            foreach (var gone in before.Except(answer.Names, StringComparer.Ordinal))
                _received.Remove((answer.Type, gone));
        }
        else
            Assert.That(mayRepeat || repeated.Count == 0, $"again {answer.Type} {string.Join(',', repeated)}");

        foreach (var (name, any) in answer.Resources)
        {
            if (answer.Type is TypeUrl.Cluster && !any.Equals(_received.GetValueOrDefault((answer.Type, name))))
                _due.Add((TypeUrl.ClusterLoadAssignment, name));
            _received[(answer.Type, name)] = any;
            _due.Remove((answer.Type, name));
        }

        foreach (var name in answer.Removed)
            _received.Remove((answer.Type, name));
    }

    private void Apply(RelayedAnswer answer)
    {
        var isNamed = _names.TryGetValue(answer.Type, out var names);
        if (!isDelta && !isNamed)
        {
            foreach (var key in _applied.Keys.Where(key => key.Type == answer.Type).ToList())
                _applied.Remove(key);
        }

        foreach (var (name, any) in answer.Resources.Where(each => !isNamed || names?.Contains(each.Name) == true))
            _applied[(answer.Type, name)] = any;
        foreach (var name in answer.Removed)
            _applied.Remove((answer.Type, name));
    }

    private void Send(string type, string nonce, string? words, string[] subscribe, string[] unsubscribe)
    {
        var error = words is null ? null : new Google.Rpc.Status { Code = 13, Message = words };
        var node = _nodeSent ? null : new Node { Id = NodeId };
        _nodeSent = true;
        if (isDelta)
        {
            var delta = new DeltaDiscoveryRequest
            {
                Node = node,
                TypeUrl = type,
                ResponseNonce = nonce,
                ErrorDetail = error,
            };
            delta.ResourceNamesSubscribe.AddRange(subscribe);
            delta.ResourceNamesUnsubscribe.AddRange(unsubscribe);
            Session.OnRequest(delta);
        }
        else
        {
            var sotw = new DiscoveryRequest
            {
                Node = node,
                TypeUrl = type,
                ResponseNonce = nonce,
                ErrorDetail = error,
                VersionInfo = _versions.GetValueOrDefault(type, ""),
            };
            sotw.ResourceNames.AddRange(NamesOf(type));
            Session.OnRequest(sotw);
        }

        Assert.That(Session.Client.End, Is.Null);
    }
}
