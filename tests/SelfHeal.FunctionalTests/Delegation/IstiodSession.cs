using System.Collections.Concurrent;
using System.Collections.Immutable;
using SelfHeal.Grpc;
using SelfHeal.Xds.Resources;

namespace SelfHeal.FunctionalTests.Delegation;

/// <summary>
/// The rules of one stream, without the stream: requests and pushes in, responses out. One caller at a time; only
/// <see cref="NamesOf"/> may be asked from elsewhere.
/// </summary>
internal sealed class IstiodSession(bool isDelta, string nodeId, bool hasCertificate, IstiodSnapshot snapshot)
{
    private readonly ConcurrentDictionary<string, IstiodWatch> _watches = new(StringComparer.Ordinal);
    private IstiodSnapshot _snapshot = snapshot;

    /// <summary>The names that are watched; null: the type is not.</summary>
    public ImmutableSortedSet<string>? NamesOf(string type) => _watches.GetValueOrDefault(type)?.Names;

    /// <exception cref="GrpcException">The client may not ask for the type, and the stream ends.</exception>
    public IReadOnlyList<IstiodResponse> OnRequest(IstiodRequest request)
    {
        if (request.Type is IstiodTypes.Health)
        {
            request.Conclude(new(IstiodVerdict.Ignored));
            return [];
        }
        if (IstiodTypes.IsDebug(request.Type))
        {
            request.Conclude(new(IstiodVerdict.Answered));
            return [Make(request.Type, [.. _snapshot.Of(request.Type, nodeId).Values], [])];
        }
        var scope = isDelta ? DeltaRules.Judge(_watches, request) : SotwRules.Judge(_watches, request);
        if (scope is null)
            return [];
        CheckAllowed(request.Type);
        var responses = new List<IstiodResponse>();
        Answer(request.Type, scope, push: null, responses);
        // Clusters warm for ever when their endpoints do not come after them. In SotW the client asks again.
        if (isDelta && request.Type is TypeUrl.Cluster)
            Answer(TypeUrl.ClusterLoadAssignment, IstiodScope.Whole, push: null, responses);
        return responses;
    }

    public IReadOnlyList<IstiodResponse> OnPush(IstiodPush push)
    {
        _snapshot = push.Snapshot;
        var responses = new List<IstiodResponse>();
        foreach (var type in _watches.Keys.Order(IstiodTypes.Order))
            Answer(type, IstiodScope.Whole, push, responses);
        return responses;
    }

    /// <summary>A response of a test's own making; its nonce is the type's last one from then on.</summary>
    public IstiodResponse Compose(string type, ImmutableArray<IstiodResource> resources, ImmutableArray<string> removed)
    {
        var response = Make(type, resources, removed);
        _watches.GetOrAdd(type, static type => new IstiodWatch(type, [])).NonceSent = response.Nonce;
        return response;
    }

    /// <summary>One type that Istiod has no generator for ends the stream, with all types on it, unless a test has set
    /// what to answer.</summary>
    private void CheckAllowed(string type)
    {
        if (IstiodTypes.IsForClients(type) || _snapshot.Knows(type))
            return;
        throw hasCertificate
            ? new GrpcException(
                GrpcStatusCode.PermissionDenied, "the api generator is restricted to the control-plane namespace")
            : new GrpcException(
                GrpcStatusCode.Unauthenticated, "the api generator requires a control-plane identity");
    }

    private void Answer(string type, IstiodScope scope, IstiodPush? push, List<IstiodResponse> responses)
    {
        if (!_watches.TryGetValue(type, out var watch))
            return;
        var isLimited = scope.IsLimited && !(isDelta && IstiodTypes.IsWorkload(type));
        var names = isLimited ? scope.Names : watch.Names;
        var yield = IstiodGenerator.Generate(new IstiodQuestion
        {
            Type = type,
            NodeId = nodeId,
            Snapshot = _snapshot,
            Names = names,
            IsDelta = isDelta,
            IsWildcard = watch.IsWildcard,
            Push = push,
            Scope = scope,
        });
        if (yield is null)
            return;
        var removed = isDelta ? RemovedIn(yield, names) : [];
        if (isDelta)
            Book(watch, yield, names, removed);
        var response = Make(type, yield.Resources, IstiodTypes.IsNeverRemoved(type) ? [] : [.. removed]);
        watch.NonceSent = response.Nonce;
        responses.Add(response);
    }

    private static ImmutableSortedSet<string> RemovedIn(IstiodYield yield, ImmutableSortedSet<string> names)
    {
        if (yield.Removed is { } removed)
            return removed;
        return yield.IsPartial ? names.Clear() : names.Except(yield.Resources.Select(static resource => resource.Name));
    }

    /// <summary>What was sent of CDS, LDS and Istio's own types is what the client is taken to hold.</summary>
    private static void Book(
        IstiodWatch watch, IstiodYield yield, ImmutableSortedSet<string> names, ImmutableSortedSet<string> removed)
    {
        if (IstiodTypes.IsWorkload(watch.Type))
        {
            watch.Names = yield.Watched ?? watch.Names;
            return;
        }
        if (!IstiodTypes.IsWildcard(watch.Type))
            return;
        var before = yield.Removed is null ? names.Clear() : names.Except(removed);
        watch.Names = before.Union(yield.Resources.Select(static resource => resource.Name));
    }

    // Not only unlike each other, but unlike those of every other server, as Istiod's are.
    private IstiodResponse Make(
        string type, ImmutableArray<IstiodResource> resources, ImmutableArray<string> removed) => new(
            type, _snapshot.Version, _snapshot.Version + Guid.NewGuid(), resources, removed);
}
