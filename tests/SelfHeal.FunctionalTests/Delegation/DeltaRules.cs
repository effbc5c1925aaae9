using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace SelfHeal.FunctionalTests.Delegation;

/// <summary>
/// Which requests Istiod answers in delta (<c>shouldRespondDelta</c> and <c>deltaWatchedResources</c> of its
/// pilot/pkg/xds/delta.go).
/// </summary>
internal static class DeltaRules
{
    private const string Wildcard = "*";

    /// <summary>Takes note of a request; null when no answer is due.</summary>
    public static IstiodScope? Judge(ConcurrentDictionary<string, IstiodWatch> watches, IstiodRequest request)
    {
        var states = !request.Names.IsEmpty || !request.Unsubscribed.IsEmpty || !request.InitialVersions.IsEmpty;
        if (request.Error is not null)
        {
            request.Conclude(new(IstiodVerdict.Rejected, ChangesNames: states));
            return null;
        }
        if (!watches.TryGetValue(request.Type, out var watch))
        {
            // Whatever the nonce: it may be one of a stream before this one.
            var (names, isWildcard, _) = Apply([], request);
            var isCounted = !(isWildcard && IstiodTypes.IsWorkload(request.Type));
            watches[request.Type] = new IstiodWatch(request.Type, isCounted ? names : names.Clear())
            {
                IsWildcard = isWildcard,
            };
            request.Conclude(new(IstiodVerdict.Answered, ChangesNames: true));
            return ScopeOf(request);
        }
        var isAck = request.Nonce.Length > 0;
        if (isAck && !string.Equals(request.Nonce, watch.NonceSent, StringComparison.Ordinal))
        {
            request.Conclude(new(IstiodVerdict.Expired, ChangesNames: states));
            return null;
        }
        var changes = Change(watch, request);
        request.Conclude(new(changes ? IstiodVerdict.Answered : IstiodVerdict.Silent, isAck, changes));
        return changes ? ScopeOf(request) : null;
    }

    private static bool Change(IstiodWatch watch, IstiodRequest request)
    {
        // There is no set of names to compare with, so any name is a change.
        if (watch.IsWildcard && IstiodTypes.IsWorkload(request.Type))
            return !request.Names.IsEmpty || !request.Unsubscribed.IsEmpty;
        (watch.Names, _, var changes) = Apply(watch.Names, request);
        return changes;
    }

    private static IstiodScope ScopeOf(IstiodRequest request)
    {
        var names = Apply([], request).Names;
        // Names that are only given up limit the answer too: to nothing.
        var isLimited = !names.IsEmpty || request.Unsubscribed.Any(static name => name is not Wildcard);
        return new IstiodScope(names, isLimited) { HeldVersions = request.InitialVersions };
    }

    /// <summary>
    /// Names that the client holds count as names that it asks for. A request that subscribes to nothing is one for
    /// everything, which is looked at in the first of a type only. The wildcard itself is never kept, so that asking
    /// for it again is a change each time.
    /// </summary>
    private static (ImmutableSortedSet<string> Names, bool IsWildcard, bool Changes) Apply(
        ImmutableSortedSet<string> before, IstiodRequest request)
    {
        var added = before.WithComparer(StringComparer.Ordinal)
            .Union(request.Names)
            .Union(request.InitialVersions.Keys);
        var left = added.Except(request.Unsubscribed);
        var isWildcard = left.Contains(Wildcard) || request.Names.IsEmpty;
        var changes = added.Count != before.Count || left.Count != added.Count;
        return (left.Remove(Wildcard), isWildcard, changes);
    }
}
