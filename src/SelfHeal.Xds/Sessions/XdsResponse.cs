using System.Collections.Immutable;

namespace SelfHeal.Xds.Sessions;

/// <summary>One encoded DiscoveryResponse or DeltaDiscoveryResponse.</summary>
/// <param name="TypeUrl">The type of its resources.</param>
/// <param name="Version">The type's version (SotW <c>version_info</c>, delta <c>system_version_info</c>).</param>
/// <param name="Nonce">By which the client's answer is matched.</param>
/// <param name="ResourceCount">How many resources it carries.</param>
/// <param name="Segments">
/// The message in pieces, to be written one after another. The pieces of resources are shared by all streams: never
/// write into them.
/// </param>
public sealed record XdsResponse(
    string TypeUrl,
    string Version,
    string Nonce,
    int ResourceCount,
    ImmutableArray<ReadOnlyMemory<byte>> Segments)
{
    /// <summary>The length of the message.</summary>
    public long ByteCount { get; } = Segments.Sum(segment => (long)segment.Length);

    /// <summary>The message in one piece, copied; for tests and small messages.</summary>
    public byte[] ToArray()
    {
        var message = new byte[ByteCount];
        var position = 0;
        foreach (var segment in Segments)
        {
            segment.Span.CopyTo(message.AsSpan(position));
            position += segment.Length;
        }
        return message;
    }
}
