using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace SelfHeal.Xds.Resources;

/// <summary>
/// The frames of a resource that has a time to live, for clients that understand it: made when the first of them asks.
/// </summary>
/// <param name="resource">The resource.</param>
internal sealed class TimedFrames(XdsResource resource)
{
    private const uint ResourceTag = (2 << 3) | 2;

    // All four follow from the resource alone, so a race is harmless.
    private readonly byte[]?[] _frames = new byte[4][];

    /// <summary>One frame.</summary>
    /// <param name="isDelta">The variant.</param>
    /// <param name="isHeartbeat">Without the content.</param>
    public ReadOnlyMemory<byte> Get(bool isDelta, bool isHeartbeat)
    {
        var place = (isDelta ? 2 : 0) + (isHeartbeat ? 1 : 0);
        return _frames[place] ??= Make(isDelta, isHeartbeat);
    }

    private byte[] Make(bool isDelta, bool isHeartbeat)
    {
        var message = new Resource
        {
            Name = resource.Name,
            Version = resource.ContentHash,
            Ttl = resource.Ttl is { } ttl ? Duration.FromTimeSpan(ttl) : null,
            Resource_ = isHeartbeat ? null : Any.Parser.ParseFrom(resource.AnyBytes.Span),
        };
        message.Aliases.AddRange(resource.Aliases);
        // The state-of-the-world variant has no place for a time to live but this wrapper (XP, "TTL").
        IMessage framed = isDelta ? message : Any.Pack(message);
        var size = framed.CalculateSize();
        var frame = new byte[1 + CodedOutputStream.ComputeLengthSize(size) + size];
        var output = new CodedOutputStream(frame);
        output.WriteTag(ResourceTag);
        output.WriteMessage(framed);
        output.CheckNoSpaceLeft();
        return frame;
    }
}
