using Envoy.Config.Cluster.V3;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using SelfHeal.Xds.Resources;

namespace SelfHeal.Benchmarks.Delegation;

/// <summary>Which resources one client was sent, and which of them it had already. Safe for several threads.</summary>
/// <param name="isDelta">The variant that the client speaks.</param>
internal sealed class TappedResources(bool isDelta)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Type, string Name), ByteString> _named = [];
    private readonly HashSet<string> _warming = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<ByteString>> _whole = new(StringComparer.Ordinal);
    private TappedCount _count;

    /// <summary>What came so far.</summary>
    public TappedCount Count()
    {
        lock (_lock)
            return _count;
    }

    /// <summary>Takes a response.</summary>
    public void Take(byte[] message)
    {
        lock (_lock)
        {
            _count = _count with { Responses = _count.Responses + 1, Bytes = _count.Bytes + message.Length };
            if (isDelta)
                Take(DeltaDiscoveryResponse.Parser.ParseFrom(message));
            else
                Take(DiscoveryResponse.Parser.ParseFrom(message));
        }
    }

    /// <summary>Its resources have no names: what was in the response before is what the client has.</summary>
    private void Take(DiscoveryResponse response)
    {
        var held = _whole.GetValueOrDefault(response.TypeUrl, []);
        foreach (var any in response.Resources)
            Note(any.Value, held.Contains(any.Value));
        _whole[response.TypeUrl] = [.. response.Resources.Select(static any => any.Value)];
    }

    private void Take(DeltaDiscoveryResponse response)
    {
        foreach (var resource in response.Resources.Where(static each => each.Resource_ is not null))
        {
            var (key, bytes) = ((response.TypeUrl, resource.Name), resource.Resource_.Value);
            var held = _named.GetValueOrDefault(key);
            _named[key] = bytes;
            var isAwaited = response.TypeUrl == TypeUrl.ClusterLoadAssignment && _warming.Remove(resource.Name);
            Note(bytes, held == bytes && !isAwaited);
            if (response.TypeUrl != TypeUrl.Cluster || held == bytes)
                continue;
            _warming.Add(resource.Name);
            if (held is not null && Cluster.Parser.ParseFrom(held).Equals(Cluster.Parser.ParseFrom(bytes)))
                _count = _count with { Reordered = _count.Reordered + 1 };
        }

        foreach (var name in response.RemovedResources)
            _named.Remove((response.TypeUrl, name));
        _count = _count with { Removed = _count.Removed + response.RemovedResources.Count };
    }

    private void Note(ByteString resource, bool isUnchanged)
    {
        if (isUnchanged)
            _count = _count with { UnchangedBytes = _count.UnchangedBytes + resource.Length };
    }
}
