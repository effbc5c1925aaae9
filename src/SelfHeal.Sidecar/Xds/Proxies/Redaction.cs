using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.Xds.Resources;
using Udpa.Annotations;

namespace SelfHeal.Sidecar.Xds.Proxies;

/// <summary>
/// Makes a resource fit to be shown: secrets have no content at all, and in everything else the fields that the API
/// marks as sensitive (inline private keys, passwords) say so instead of what they hold, as Envoy's own dump does.
/// </summary>
internal static class Redaction
{
    private const string Mark = "[redacted]";

    // Deeper than any configuration nests; what is below is left out and not shown.
    private const int DepthMax = 64;

    /// <summary>The resource as it may be shown.</summary>
    /// <param name="resource">Any resource.</param>
    /// <returns>Null for a secret, and for a type that is not known here: nobody can say what of it is sensitive.
    /// </returns>
    public static XdsResource? Of(XdsResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        if (resource.TypeUrl is TypeUrl.Secret || resource.Decode() is not { } message)
            return null;
        Clean(message, DepthMax);
        return XdsResource.FromBytes(resource.TypeUrl, resource.Name, message.ToByteArray());
    }

    private static void Clean(IMessage message, int depth)
    {
        if (message is Any any)
        {
            Repack(any, depth);
            return;
        }

        if (message is Struct)
            return; // Data without annotations: Envoy shows it too.
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            if (field.GetOptions()?.GetExtension(SensitiveExtensions.Sensitive) == true || depth == 0)
                Hide(message, field);
            else if (field.FieldType == FieldType.Message)
                Each(message, field, child => Clean(child, depth - 1));
        }
    }

    private static void Repack(Any any, int depth)
    {
        var type = ResourceTypes.Find(TypeUrl.FullName(any.TypeUrl));
        if (depth == 0 || type is null)
        {
            any.Value = ByteString.Empty;
            return;
        }

        try
        {
            var content = type.Parser.ParseFrom(any.Value);
            Clean(content, depth - 1);
            any.Value = content.ToByteString();
        }
        catch (Exception broken) when (broken is InvalidProtocolBufferException or InvalidOperationException)
        {
            any.Value = ByteString.Empty;
        }
    }

    /// <summary>Every text in it says that it is not shown; whatever else it holds is left out.</summary>
    private static void Hide(IMessage message, FieldDescriptor field)
    {
        if (field.IsRepeated || field.IsMap)
        {
            field.Accessor.Clear(message);
            return;
        }

        // A field of a oneof that is not set must stay so: writing it would take the place of the one that is.
        if (field.ContainingOneof is { } oneof && oneof.Accessor.GetCaseFieldDescriptor(message) != field)
            return;
        switch (field.FieldType)
        {
            case FieldType.Message:
                if (field.Accessor.GetValue(message) is IMessage child)
                    HideAll(child);
                break;
            case FieldType.String:
                if (field.Accessor.GetValue(message) is string { Length: > 0 })
                    field.Accessor.SetValue(message, Mark);
                break;
            case FieldType.Bytes:
                if (field.Accessor.GetValue(message) is ByteString { Length: > 0 })
                    field.Accessor.SetValue(message, ByteString.CopyFromUtf8(Mark));
                break;
            default:
                field.Accessor.Clear(message);
                break;
        }
    }

    private static void HideAll(IMessage message)
    {
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
            Hide(message, field);
    }

    private static void Each(IMessage message, FieldDescriptor field, Action<IMessage> visit)
    {
        var value = field.Accessor.GetValue(message);
        var children = value switch
        {
            IDictionary map => map.Values,
            IList list => list,
            IMessage child => new[] { child },
            _ => (IEnumerable)Array.Empty<object>(),
        };
        foreach (var child in children)
        {
            if (child is IMessage nested)
                visit(nested);
        }
    }
}
