using System.Collections.Concurrent;
using Google.Protobuf.Reflection;

namespace SelfHeal.Xds.Resources.Descriptors;

/// <summary>The messages and enums of the API that this build is pinned to, as descriptors.</summary>
internal static class PinnedSchemas
{
    // Bounded by the number of files in the API.
    private static readonly ConcurrentDictionary<FileDescriptor, FileTraits> Traits = new();

    public static MessageSchema? FindMessage(string fullName, DescriptorIndex index)
    {
        if ((ResourceTypes.Find(fullName) ?? FindEntry(fullName)) is not { } type)
            return null;
        ResourceTypes.KeepEnums(type);
        return new MessageSchema(fullName, type.ToProto(), Traits.GetOrAdd(type.File, TraitsOf), index);
    }

    public static EnumSchema? FindEnum(string fullName) =>
        ResourceTypes.FindEnum(fullName) is { } type ? new EnumSchema(fullName, type.ToProto()) : null;

    /// <summary>The pair of a map: it has no class, and only the message with the map knows it.</summary>
    private static MessageDescriptor? FindEntry(string fullName) =>
        ResourceTypes.Find(fullName[..Math.Max(fullName.LastIndexOf('.'), 0)])?.NestedTypes.FirstOrDefault(
            type => string.Equals(type.FullName, fullName, StringComparison.Ordinal));

    private static FileTraits TraitsOf(FileDescriptor file) => FileTraits.Of(file.ToProto()) ?? FileTraits.Proto2;
}
