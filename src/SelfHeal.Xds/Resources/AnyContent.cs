using Google.Protobuf;
using SelfHeal.Xds.Resources.Descriptors;

namespace SelfHeal.Xds.Resources;

/// <summary>What stands in an <c>Any</c>, or what a resource is.</summary>
/// <param name="TypeUrl">The type.</param>
/// <param name="Name">The resource's name; empty for what has none.</param>
/// <param name="Bytes">The encoded message.</param>
/// <param name="Message">The message; null for a type that nothing knows.</param>
internal sealed record AnyContent(string TypeUrl, string Name, ByteString Bytes, DynamicMessage? Message)
{
    /// <summary>What was told of a resource from outside; null if nothing was.</summary>
    public ResourceEnvelope? Envelope { get; init; }

    public static AnyContent Of(DynamicMessage message)
    {
        var name = message.Schema.NameField is { } field ? message.Get(field) as string : null;
        var bytes = UnsafeByteOperations.UnsafeWrap(DynamicEncoder.Encode(message));
        return new AnyContent(Resources.TypeUrl.Prefix + message.Schema.FullName, name ?? string.Empty, bytes, message);
    }

    /// <summary>The same as the message that carries it.</summary>
    /// <param name="type">google.protobuf.Any.</param>
    public DynamicMessage ToAny(MessageSchema type)
    {
        var any = new DynamicMessage(type);
        any.Set(type.Fields[0], TypeUrl);
        any.Set(type.Fields[1], Bytes);
        return any;
    }
}
