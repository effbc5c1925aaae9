using System.Collections.Concurrent;
using System.Reflection;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace SelfHeal.Xds.Resources;

/// <summary>
/// Finds the descriptor of a message by its full name without loading the others: the name of the generated class
/// follows from the proto name, so only what the files name is initialised. A registry of everything costs about a
/// second and 100 MB.
/// </summary>
public static class ResourceTypes
{
    private static readonly Assembly Api = typeof(Envoy.Config.Cluster.V3.Cluster).Assembly;

    // Bounded by the number of messages in the API: names that are not found are not kept.
    private static readonly ConcurrentDictionary<string, MessageDescriptor> Found = new(StringComparer.Ordinal);

    // Bounded likewise by the number of enums.
    private static readonly ConcurrentDictionary<string, EnumDescriptor> FoundEnums = new(StringComparer.Ordinal);

    private static readonly Dictionary<string, MessageDescriptor> WellKnown = new MessageDescriptor[]
    {
        Any.Descriptor, BoolValue.Descriptor, BytesValue.Descriptor, DoubleValue.Descriptor, Duration.Descriptor,
        Empty.Descriptor, FieldMask.Descriptor, FloatValue.Descriptor, Int32Value.Descriptor, Int64Value.Descriptor,
        ListValue.Descriptor, StringValue.Descriptor, Struct.Descriptor, Timestamp.Descriptor,
        UInt32Value.Descriptor, UInt64Value.Descriptor, Value.Descriptor,
    }.ToDictionary(descriptor => descriptor.FullName, StringComparer.Ordinal);

    /// <summary>The descriptor of a message of the Envoy API or of a well-known type.</summary>
    /// <param name="fullName">Such as <c>envoy.config.cluster.v3.Cluster</c>.</param>
    /// <returns>Null if the API has no such message.</returns>
    public static MessageDescriptor? Find(string fullName)
    {
        ArgumentNullException.ThrowIfNull(fullName);
        if (WellKnown.TryGetValue(fullName, out var known) || Found.TryGetValue(fullName, out known))
            return known;
        var className = ClassName(fullName);
        if (className.Length == 0)
            return null;
        var property = Api.GetType(className, throwOnError: false)?.GetProperty(
            "Descriptor", BindingFlags.Public | BindingFlags.Static);
        if (property?.GetValue(null) is not MessageDescriptor descriptor)
            return null;
        // Two proto names can give one class name (foo_bar and FooBar).
        return string.Equals(descriptor.FullName, fullName, StringComparison.Ordinal)
            ? Found.GetOrAdd(fullName, descriptor)
            : null;
    }

    /// <summary>A message from its encoding.</summary>
    /// <param name="type">The message's type.</param>
    /// <param name="bytes">Whatever came from outside.</param>
    /// <returns>Null for bytes that are no such message.</returns>
    public static IMessage? Parse(MessageDescriptor type, ReadOnlySpan<byte> bytes)
    {
        ArgumentNullException.ThrowIfNull(type);
        try
        {
            return type.Parser.ParseFrom(bytes);
        }
        catch (Exception broken) when (broken is InvalidProtocolBufferException or InvalidOperationException)
        {
            // A wrapper that is cut short behind a tag ends in InvalidOperationException (Google.Protobuf 3.25).
            return null;
        }
    }

    /// <summary>The descriptor of an enum of the Envoy API.</summary>
    /// <param name="fullName">Such as <c>envoy.config.core.v3.ApiVersion</c>.</param>
    /// <returns>Null if the API has no such enum.</returns>
    public static EnumDescriptor? FindEnum(string fullName)
    {
        ArgumentNullException.ThrowIfNull(fullName);
        if (fullName is "google.protobuf.NullValue")
            return StructReflection.Descriptor.EnumTypes[0];
        if (FoundEnums.TryGetValue(fullName, out var known))
            return known;
        IEnumerable<EnumDescriptor> candidates =
            Find(fullName[..Math.Max(fullName.LastIndexOf('.'), 0)]) is { } message
                ? message.EnumTypes : EnumsBeside(ClassName(fullName));
        var found = candidates.FirstOrDefault(type => string.Equals(type.FullName, fullName, StringComparison.Ordinal));
        return found is null ? null : FoundEnums.GetOrAdd(fullName, found);
    }

    /// <summary>Keeps the enums of a message's fields, so that nobody has to look for them.</summary>
    /// <param name="type">The message.</param>
    internal static void KeepEnums(MessageDescriptor type)
    {
        foreach (var field in type.Fields.InDeclarationOrder())
        {
            if (field.FieldType == FieldType.Enum)
                FoundEnums.TryAdd(field.EnumType.FullName, field.EnumType);
        }
    }

    /// <summary>The enums of the files whose classes share the namespace of a class.</summary>
    private static IEnumerable<EnumDescriptor> EnumsBeside(string className)
    {
        var space = className[..Math.Max(className.LastIndexOf('.'), 0)];
        return Api.GetExportedTypes()
            .Where(type => string.Equals(type.Namespace, space, StringComparison.Ordinal)
                && type.Name.EndsWith("Reflection", StringComparison.Ordinal))
            .Select(static type => type.GetProperty("Descriptor")?.GetValue(null))
            .OfType<FileDescriptor>()
            .SelectMany(static file => file.EnumTypes);
    }

    /// <summary>The class that the C# generator makes of a message.</summary>
    private static string ClassName(string fullName)
    {
        var name = new StringBuilder(fullName.Length + 16);
        var inMessage = false;
        foreach (var segment in fullName.Split('.'))
        {
            if (segment.Length == 0)
                return string.Empty;
            if (name.Length > 0)
                name.Append(inMessage ? "+Types+" : ".");
            // Packages of this API are lower case, messages upper case; no message name is a package name.
            inMessage |= char.IsAsciiLetterUpper(segment[0]);
            if (inMessage)
                name.Append(segment);
            else
                AppendPascalCase(name, segment);
        }
        return name.ToString();
    }

    private static void AppendPascalCase(StringBuilder name, string segment)
    {
        var upper = true;
        foreach (var letter in segment)
        {
            if (char.IsAsciiLetterOrDigit(letter))
                name.Append(upper ? char.ToUpperInvariant(letter) : letter);
            upper = !char.IsAsciiLetter(letter);
        }
    }
}
