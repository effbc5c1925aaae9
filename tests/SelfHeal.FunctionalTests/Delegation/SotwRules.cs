using System.Collections.Concurrent;
using System.Collections.Immutable;
using SelfHeal.Xds.Resources;

namespace SelfHeal.FunctionalTests.Delegation;

/// <summary>Which requests Istiod answers in SotW (<c>ShouldRespond</c> of its pkg/xds/server.go).</summary>
internal static class SotwRules
{
    /// <summary>Takes note of a request; null when no answer is due.</summary>
    public static IstiodScope? Judge(ConcurrentDictionary<string, IstiodWatch> watches, IstiodRequest request)
    {
        var names = request.Names.ToImmutableSortedSet(StringComparer.Ordinal);
        var watch = watches.GetValueOrDefault(request.Type);
        var changes = watch is null || !watch.Names.SetEquals(names);
        if (request.Error is not null)
        {
            request.Conclude(new(IstiodVerdict.Rejected, ChangesNames: changes));
            return null;
        }
        // Comes before the nonce is looked at: the end of all interest is never expired.
        if (names.IsEmpty && !IstiodTypes.IsWildcard(request.Type))
        {
            watches.TryRemove(request.Type, out _);
            request.Conclude(new(IstiodVerdict.Silent, ChangesNames: changes));
            return null;
        }
        if (request.Nonce.Length == 0 || watch is null)
        {
            watches[request.Type] = new IstiodWatch(request.Type, names);
            // Clusters that are sent again warm again, and wait for endpoints that the client may hold already.
            if (request.Type is TypeUrl.Cluster
                && watches.TryGetValue(TypeUrl.ClusterLoadAssignment, out var dependent))
                dependent.AlwaysAnswers = true;
            request.Conclude(new(IstiodVerdict.Answered, ChangesNames: changes));
            return IstiodScope.Whole;
        }
        if (!string.Equals(request.Nonce, watch.NonceSent, StringComparison.Ordinal))
        {
            request.Conclude(new(IstiodVerdict.Expired, ChangesNames: changes));
            return null;
        }
        return Accept(watch, request, names, changes);
    }

    private static IstiodScope? Accept(
        IstiodWatch watch, IstiodRequest request, ImmutableSortedSet<string> names, bool changes)
    {
        var added = names.Except(watch.Names);
        var isForced = watch.AlwaysAnswers;
        watch.Names = names;
        watch.AlwaysAnswers = false;
        var isDue = isForced || (changes && (IstiodTypes.IsWildcard(request.Type) || !added.IsEmpty));
        request.Conclude(new(isDue ? IstiodVerdict.Answered : IstiodVerdict.Silent, IsAck: true, changes));
        if (!isDue)
            return null;
        return isForced || added.IsEmpty ? IstiodScope.Whole : new IstiodScope(added, IsLimited: true);
    }
}
