using SelfHeal.Xds.Resources;

namespace SelfHeal.Xds.Sessions;

/// <summary>What a client has under one name: a content, nothing, or something that is not known.</summary>
/// <param name="Resource">The content; null if it has none or its bytes are not known here.</param>
/// <param name="Hash">
/// The hash of a content whose bytes are not known here, as the client told it; empty for a content that it rejected
/// and that it may have in part; null otherwise.
/// </param>
internal readonly record struct ClientEntry(XdsResource? Resource, string? Hash)
{
    /// <summary>It has nothing.</summary>
    public static ClientEntry Absent => default;

    /// <summary>It rejected something, so what it has is not certain.</summary>
    public static ClientEntry Uncertain => new(null, string.Empty);

    public static ClientEntry Of(XdsResource? resource) => new(resource, null);

    public bool IsAbsent => Resource is null && Hash is null;

    public bool IsUncertain => Hash is { Length: 0 };

    /// <summary>The hash of what it has; null if it has nothing or that is not certain.</summary>
    public string? ContentHash => Resource?.ContentHash ?? (IsUncertain ? null : Hash);

    public bool Holds(XdsResource resource) => Resource is not null
        ? Resource.HasContentOf(resource)
        : Hash is not null && string.Equals(Hash, resource.ContentHash, StringComparison.Ordinal);

    /// <summary>Whether it has this content, whatever its time to live.</summary>
    public bool HoldsContent(XdsResource resource) => Holds(resource)
        || (ContentHash is { } hash && string.Equals(hash, resource.ContentHash, StringComparison.Ordinal)
            && (Resource is null || Resource.Aliases.AsSpan().SequenceEqual(resource.Aliases.AsSpan())));

    public bool HasContentOf(ClientEntry other) => Resource is not null && other.Resource is not null
        ? Resource.HasContentOf(other.Resource)
        : !IsUncertain && !other.IsUncertain
            && string.Equals(ContentHash, other.ContentHash, StringComparison.Ordinal);
}
