using System.Collections;
using System.Runtime.CompilerServices;
using Envoy.Config.Core.V3;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.Xds.Resources;
using Udpa.Annotations;

namespace SelfHeal.Xds.Accepted;

/// <summary>
/// Finds secrets that stand in a resource itself: values of fields that the API marks as sensitive
/// (<c>udpa.annotations.sensitive</c>). A file name or the name of an environment variable is none. What cannot be read
/// may hold one, so it counts as if it did.
/// </summary>
public static class SensitiveContent
{
    // It follows from the bytes alone, so it is found out once per resource, for as long as that lives.
    private static readonly ConditionalWeakTable<XdsResource, Finding> Found = [];

    /// <summary>Where the secret is, or why there may be one; null where there is none.</summary>
    /// <param name="resource">Any resource.</param>
    public static string? Find(XdsResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return Found.GetValue(resource, static r => new Finding(Look(r))).Where;
    }

    private static string? Look(XdsResource resource)
    {
        if (resource.TypeUrl == TypeUrl.Secret)
            return "it is a secret";
        if (resource.Decode() is not { } message)
            return "its content is not known, so it may hold a secret";
        string? where = null;
        MessageWalk.Visit(message, (part, path) => where ??= LookAt(part, path));
        return where;
    }

    private static string? LookAt(IMessage part, string path)
    {
        // Visited only where its content is not known or does not decode.
        if (part is Any { TypeUrl.Length: > 0 } any)
            return $"{Place(path)} is a {TypeUrl.FullName(any.TypeUrl)}, which is not known, so it may hold a secret";
        foreach (var field in part.Descriptor.Fields.InDeclarationOrder())
        {
            if (field.GetOptions()?.GetExtension(SensitiveExtensions.Sensitive) != true)
                continue;
            if (HoldsInline(part, field))
                return $"{MessageWalk.Join(path, field.Name)} is sensitive and holds its value";
        }

        return null;
    }

    private static string Place(string path) => path.Length == 0 ? "the resource" : path;

    private static bool HoldsInline(IMessage part, FieldDescriptor field)
    {
        if (field.HasPresence && !field.Accessor.HasValue(part))
            return false;
        return field.Accessor.GetValue(part) switch
        {
            null => false,
            string text => text.Length > 0,
            ByteString bytes => bytes.Length > 0,
            IDictionary map => map.Count > 0,
            IList list => list.Cast<object>().Any(static item => item is not DataSource source || IsInline(source)),
            DataSource source => IsInline(source),
            _ => true,
        };
    }

    private static bool IsInline(DataSource source) => source.SpecifierCase
        is DataSource.SpecifierOneofCase.InlineBytes or DataSource.SpecifierOneofCase.InlineString;

    private sealed record Finding(string? Where);
}
