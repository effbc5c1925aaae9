using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Sessions;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Xds.Delegation;

/// <summary>
/// The client's side of one ADS stream, without its transport: what a relay asks an upstream on behalf of one client,
/// and what the upstream gave it. Requests are made when they are taken, so whatever changed meanwhile is in one of
/// them. It outlives the upstream's streams: what was given stays until the next upstream says something else. Not
/// thread-safe.
/// </summary>
/// <param name="isDelta">The variant that the client speaks.</param>
/// <param name="ownLayers">Runtime layers that are not the upstream's.</param>
public sealed class UpstreamSession(bool isDelta, ImmutableArray<string> ownLayers)
{
    private readonly SortedDictionary<string, UpstreamType> _types = new(TypeUrl.Comparer);
    private Node? _node;
    private bool _isConnected;
    private bool _isIntroduced;

    /// <summary>
    /// All that the upstream gave, byte for byte. It is taken as valid: the upstream answers for it, not the relay.
    /// </summary>
    public ValidatedSnapshot Snapshot { get; private set; } = ValidatedSnapshot.Empty;

    /// <summary>Whether any upstream has answered anything on behalf of this client.</summary>
    public bool HasAnswered { get; private set; }

    /// <summary>What is kept for a client that comes back while no upstream is there.</summary>
    public UpstreamContents Contents => new(_types.Where(static type => type.Value.HasAnswered)
        .ToImmutableSortedDictionary(static type => type.Key, static type => type.Value.Keep(), TypeUrl.Comparer));

    /// <summary>The client has said who it is; the upstream is told in the same words.</summary>
    /// <param name="node">Not changed afterwards.</param>
    public void Identify(Node node)
    {
        ArgumentNullException.ThrowIfNull(node);
        _node ??= node;
    }

    /// <summary>The client's interest in a type has begun or changed.</summary>
    /// <param name="subscribed">How.</param>
    public void Ask(SessionEvent.Subscribed subscribed)
    {
        ArgumentNullException.ThrowIfNull(subscribed);
        var type = Of(subscribed.TypeUrl);
        type.Ask(
            [.. subscribed.Added.Where(name => !IsOwn(subscribed.TypeUrl, name))],
            subscribed.Removed,
            subscribed.Wildcard);
        Publish(type);
    }

    /// <summary>The client holds resources from an earlier stream.</summary>
    /// <param name="resumed">Which.</param>
    public void Resume(SessionEvent.Resumed resumed)
    {
        ArgumentNullException.ThrowIfNull(resumed);
        Of(resumed.TypeUrl).Resume(resumed.Held.Versions.Select(static version => version.Name)
            .Where(name => !IsOwn(resumed.TypeUrl, name)));
    }

    /// <summary>A stream to an upstream has been opened: it is told everything anew.</summary>
    public void OnConnected()
    {
        _isConnected = true;
        _isIntroduced = false;
        foreach (var type in _types.Values)
        {
            type.Reset();
            Publish(type);
        }
    }

    /// <summary>The stream has ended; what it gave stays.</summary>
    public void OnLost() => _isConnected = false;

    /// <summary>Goes on with what is kept of an earlier stream; what the upstream has answered by now counts more.
    /// </summary>
    /// <param name="contents">What an upstream gave this node.</param>
    public void Restore(UpstreamContents contents)
    {
        ArgumentNullException.ThrowIfNull(contents);
        foreach (var (typeUrl, kept) in contents.Types)
        {
            var type = Of(typeUrl);
            if (type.HasAnswered)
                continue;
            type.Restore(kept);
            Publish(type);
        }
    }

    /// <summary>Takes a response of the state-of-the-world variant.</summary>
    /// <param name="response">Not kept.</param>
    /// <returns>What is wrong with it; empty if it was taken. One that cannot be relayed is rejected towards the
    /// upstream, and what it gave before stays.</returns>
    public string OnResponse(RelayedResponse response)
    {
        ArgumentNullException.ThrowIfNull(response);
        if (!TryFind(response.TypeUrl, out var type, out var problem))
            return problem;
        var resources = new List<UpstreamResource>(response.Resources.Count);
        for (var index = 0; index < response.Resources.Count && problem.Length == 0; index++)
        {
            if (ReadPlain(type, response.Resources[index].Memory, index) is { } resource)
                resources.Add(new UpstreamResource(resource, string.Empty));
            else
                problem = $"resources[{index}] of {TypeUrl.FullName(type.TypeUrl)} cannot be read; expected an Any of "
                    + "that type with a name";
        }

        return Take(type, response.Nonce, response.VersionInfo, resources, [], problem);
    }

    /// <summary>Takes a response of the incremental variant.</summary>
    /// <inheritdoc cref="OnResponse(RelayedResponse)"/>
    public string OnResponse(RelayedDeltaResponse response)
    {
        ArgumentNullException.ThrowIfNull(response);
        if (!TryFind(response.TypeUrl, out var type, out var problem))
            return problem;
        var resources = new List<UpstreamResource>(response.Resources.Count);
        foreach (var each in response.Resources)
        {
            // Without a content it only says that what the client has goes on living: a heartbeat.
            if (each.Resource.IsEmpty && type.Find(XdstpName.Normalize(each.Name)) is not null)
                continue;
            if (ReadNamed(type, each) is { } resource)
                resources.Add(new UpstreamResource(resource, each.Version));
            else if (problem.Length == 0)
                problem = $"resource '{each.Name}' of {TypeUrl.FullName(type.TypeUrl)} cannot be read; expected a name "
                    + "and an Any";
        }

        return Take(
            type, response.Nonce, response.SystemVersionInfo, resources, response.RemovedResources, problem);
    }

    /// <summary>The next request, if there is one and a stream to write it to.</summary>
    /// <param name="request">In the state-of-the-world variant.</param>
    public bool TryTakeRequest([NotNullWhen(true)] out DiscoveryRequest? request)
    {
        request = _isConnected ? First(static type => type.NextRequest()) : null;
        if (request is not null && Introduction() is { } node)
            request.Node = node;
        return request is not null;
    }

    /// <summary>The next request, if there is one and a stream to write it to.</summary>
    /// <param name="request">In the incremental variant.</param>
    public bool TryTakeRequest([NotNullWhen(true)] out DeltaDiscoveryRequest? request)
    {
        request = _isConnected ? First(static type => type.NextDeltaRequest()) : null;
        if (request is not null && Introduction() is { } node)
            request.Node = node;
        return request is not null;
    }

    /// <summary>The types whose latest response is answered neither way.</summary>
    internal IEnumerable<UpstreamType> Undecided => _types.Values.Where(static type => type.IsUndecided);

    /// <summary>Whether a type may be answered to the client.</summary>
    internal bool MayAnswer(string typeUrl) => (_types.GetValueOrDefault(typeUrl)?.HasAnswered ?? false)
        || (typeUrl is TypeUrl.Runtime && !ownLayers.IsEmpty);

    /// <summary>Whether the client must wait to hear of a name.</summary>
    internal bool IsAwaited(string typeUrl, string name) =>
        _types.GetValueOrDefault(typeUrl)?.IsAwaited(name) ?? false;

    private bool IsOwn(string typeUrl, string name) =>
        typeUrl is TypeUrl.Runtime && ownLayers.Contains(name, StringComparer.Ordinal);

    private UpstreamType Of(string typeUrl)
    {
        if (!_types.TryGetValue(typeUrl, out var type))
            _types.Add(typeUrl, type = new UpstreamType(typeUrl, isDelta));
        return type;
    }

    private bool TryFind(string typeUrl, [NotNullWhen(true)] out UpstreamType? type, out string problem)
    {
        problem = _types.TryGetValue(typeUrl, out type)
            ? string.Empty
            : $"a response of type '{typeUrl}' came, which was never asked for";
        return type is not null;
    }

    private string Take(
        UpstreamType type,
        string nonce,
        string version,
        List<UpstreamResource> resources,
        IReadOnlyCollection<string> removed,
        string problem)
    {
        if (problem.Length == 0)
        {
            // Envoy rejects a response that says both of a name, that it is and that it is gone.
            var twice = resources.Select(static each => each.Resource.Name)
                .Concat(removed.Select(XdstpName.Normalize).Distinct(StringComparer.Ordinal))
                .GroupBy(static name => name, StringComparer.Ordinal)
                .FirstOrDefault(static group => group.Skip(1).Any());
            if (twice is not null)
                problem = $"{TypeUrl.FullName(type.TypeUrl)} '{twice.Key}' comes twice in one response";
        }

        if (problem.Length > 0)
        {
            type.Refuse(nonce, version, problem);
            return problem;
        }

        HasAnswered = true;
        type.Take(nonce, version, resources, removed);
        Publish(type);
        return string.Empty;
    }

    /// <summary>A resource that is not told by name.</summary>
    private static XdsResource? ReadPlain(UpstreamType type, ReadOnlyMemory<byte> any, int index)
    {
        if (AnyPlace.Find(any) is not { } place)
            return null;
        if (ResourceEnvelope.Is(place.TypeUrl))
        {
            // The upstream wraps where it tells a time to live; the client is told in the same way.
            var wrapped = TryParse(any.Slice(place.ValueStart, place.ValueLength));
            if (wrapped is null)
                return null;
            // Without a content it is a heartbeat, and in this variant what is not in a response may count as gone.
            return wrapped.Resource.IsEmpty && type.Find(XdstpName.Normalize(wrapped.Name)) is { } living
                ? living
                : ReadNamed(type, wrapped);
        }

        if (!string.Equals(place.TypeUrl, type.TypeUrl, StringComparison.Ordinal))
            return null;
        var name = TypeUrl.IsKnown(type.TypeUrl)
            ? ResourceNames.Read(type.TypeUrl, any.Slice(place.ValueStart, place.ValueLength))
            : $"#{index:D6}";
        if (string.IsNullOrEmpty(name))
            return null;
        return Known(type, name, any, [], ttl: null) ?? SharedResources.Get(name, any, [], ttl: null);
    }

    private static XdsResource? ReadNamed(UpstreamType type, RelayedResource resource)
    {
        TimeSpan? ttl = null;
        if (resource.Name.Length == 0 || (!resource.Ttl.IsEmpty && (ttl = TtlOf(resource.Ttl)) is null))
            return null;
        var known = Known(type, resource.Name, resource.Resource.Memory, resource.Aliases, ttl);
        if (known is not null)
            return known;
        var read = SharedResources.Get(resource.Name, resource.Resource.Memory, resource.Aliases, ttl);
        return string.Equals(read?.TypeUrl, type.TypeUrl, StringComparison.Ordinal) ? read : null;
    }

    /// <summary>What it has already: comparing bytes costs a tenth of hashing them.</summary>
    private static XdsResource? Known(
        UpstreamType type, string name, ReadOnlyMemory<byte> any, IReadOnlyCollection<string> aliases, TimeSpan? ttl) =>
        type.Find(XdstpName.Normalize(name)) is { } known && known.Ttl == ttl
            && (known.AnyBytes.Span.SequenceEqual(any.Span) || (type.IsRepeated && IsReordered(known, any)))
            && known.Aliases.SequenceEqual(aliases.Order(StringComparer.Ordinal), StringComparer.Ordinal)
            ? known
            : null;

    /// <summary>
    /// Whether it says the same in another order: an Istiod that starts again writes the entries of maps as they come,
    /// and an Envoy that is sent a cluster with its bytes in another order builds and warms it anew.
    /// </summary>
    private static bool IsReordered(XdsResource known, ReadOnlyMemory<byte> any) =>
        known.AnyBytes.Length == any.Length && XdsResource.FromAny(known.Name, any) is { } next
        && known.Decode() is { } before && before.Equals(next.Decode());

    private static RelayedResource? TryParse(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return RelayedResource.Parser.ParseFrom(bytes.Span);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    private static TimeSpan? TtlOf(ByteString bytes)
    {
        try
        {
            var ttl = Duration.Parser.ParseFrom(bytes).ToTimeSpan();
            return ttl > TimeSpan.Zero ? ttl : null;
        }
        catch (Exception error) when (error is InvalidProtocolBufferException or InvalidOperationException
            or OverflowException)
        {
            return null;
        }
    }

    private void Publish(UpstreamType type) => Snapshot = Snapshot.WithSet(type.Set);

    private TRequest? First<TRequest>(Func<UpstreamType, TRequest?> next)
        where TRequest : class
    {
        if (_node is null)
            return null;
        foreach (var type in _types.Values)
        {
            if (next(type) is not { } request)
                continue;
            Publish(type);
            return request;
        }

        return null;
    }

    private Node? Introduction()
    {
        if (_isIntroduced)
            return null;
        _isIntroduced = true;
        return _node;
    }
}
