using System.Collections.Immutable;
using SelfHeal.Xds.Resources;

namespace SelfHeal.Xds.Snapshots;

/// <summary>
/// The bytes of a whole set. The first stream that writes it is given the resources' own frames; from the second on
/// all share one piece of memory, so a set that only one node is served is not copied.
/// </summary>
internal sealed class SetBody(ResourceSet set)
{
    private byte[]? _sotw;
    private byte[]? _delta;
    private int _sotwUses;
    private int _deltaUses;

    /// <summary>All frames of the state-of-the-world variant in one piece.</summary>
    public ReadOnlyMemory<byte> Sotw => _sotw ??= Join(static resource => resource.SotwFrame);

    /// <summary>All frames of the incremental variant in one piece.</summary>
    public ReadOnlyMemory<byte> Delta => _delta ??= Join(static resource => resource.DeltaFrame);

    /// <summary>What follows the header of a DiscoveryResponse.</summary>
    public void AddSotw(ImmutableArray<ReadOnlyMemory<byte>>.Builder segments)
    {
        if (Interlocked.Increment(ref _sotwUses) > 1)
        {
            segments.Add(Sotw);
            return;
        }
        foreach (var resource in set.Resources)
            segments.Add(resource.SotwFrame);
    }

    /// <summary>What follows the header of a DeltaDiscoveryResponse.</summary>
    public void AddDelta(ImmutableArray<ReadOnlyMemory<byte>>.Builder segments)
    {
        if (Interlocked.Increment(ref _deltaUses) > 1)
        {
            segments.Add(Delta);
            return;
        }
        foreach (var resource in set.Resources)
            segments.Add(resource.DeltaFrame);
    }

    private byte[] Join(Func<XdsResource, ReadOnlyMemory<byte>> frameOf)
    {
        var body = new byte[set.Resources.Sum(resource => frameOf(resource).Length)];
        var position = 0;
        foreach (var resource in set.Resources)
        {
            var frame = frameOf(resource);
            frame.Span.CopyTo(body.AsSpan(position));
            position += frame.Length;
        }
        return body;
    }
}
