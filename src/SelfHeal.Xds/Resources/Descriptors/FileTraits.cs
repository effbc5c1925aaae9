using Google.Protobuf.Reflection;

namespace SelfHeal.Xds.Resources.Descriptors;

/// <summary>What a proto file's syntax says of the fields in it.</summary>
/// <param name="HasExplicitPresence">Whether a scalar that is written as its default is still written.</param>
/// <param name="IsPacked">Whether lists of numbers are packed unless the field says otherwise.</param>
internal readonly record struct FileTraits(bool HasExplicitPresence, bool IsPacked)
{
    public static FileTraits Proto2 { get; } = new(HasExplicitPresence: true, IsPacked: false);

    public static FileTraits Proto3 { get; } = new(HasExplicitPresence: false, IsPacked: true);

    // Edition 2023 as it is when a file states nothing else.
    private static FileTraits Edition { get; } = new(HasExplicitPresence: true, IsPacked: true);

    /// <summary>The traits of a file; null for a syntax that is not known.</summary>
    public static FileTraits? Of(FileDescriptorProto file) => file.Syntax switch
    {
        "" or "proto2" => Proto2,
        "proto3" => Proto3,
        "editions" => Edition.With(file.Options?.Features),
        _ => null,
    };

    /// <summary>The traits under what a file or field states of its own.</summary>
    public FileTraits With(FeatureSet? features) => features is null
        ? this
        : new FileTraits(
            features.FieldPresence switch
            {
                FeatureSet.Types.FieldPresence.Unknown => HasExplicitPresence,
                FeatureSet.Types.FieldPresence.Implicit => false,
                _ => true,
            },
            features.RepeatedFieldEncoding switch
            {
                FeatureSet.Types.RepeatedFieldEncoding.Unknown => IsPacked,
                FeatureSet.Types.RepeatedFieldEncoding.Expanded => false,
                _ => true,
            });
}
