using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace SelfHeal.Sidecar.Metrics;

/// <summary>
/// Finds a series by the tags of a measurement without copying them. The hash is salted per process and never leaves
/// it; output is sorted.
/// </summary>
internal sealed class TagSetComparer : IEqualityComparer<TagSet>, IAlternateEqualityComparer<ReadOnlySpan<Tag>, TagSet>
{
    /// <summary>The only instance.</summary>
    public static readonly TagSetComparer Instance = new();

    private TagSetComparer()
    {
    }

    /// <inheritdoc/>
    public bool Equals(TagSet x, TagSet y) => Equals(x.Tags.AsSpan(), y);

    /// <inheritdoc/>
    public int GetHashCode(TagSet obj) => GetHashCode(obj.Tags.AsSpan());

    /// <inheritdoc/>
    public TagSet Create(ReadOnlySpan<Tag> alternate) => new(alternate.ToArray());

    // Hot path: allocation-free.

    /// <inheritdoc/>
    public bool Equals(ReadOnlySpan<Tag> alternate, TagSet other)
    {
        if (alternate.Length != other.Tags.Length)
            return false;
        for (var index = 0; index < alternate.Length; index++)
        {
            if (!string.Equals(alternate[index].Key, other.Tags[index].Key, StringComparison.Ordinal)
                || !Equals(alternate[index].Value, other.Tags[index].Value))
                return false;
        }

        return true;
    }

    /// <inheritdoc/>
    public int GetHashCode(ReadOnlySpan<Tag> alternate)
    {
        var hash = default(HashCode);
        foreach (var tag in alternate)
        {
            hash.Add(tag.Key, StringComparer.Ordinal);
            hash.Add(tag.Value);
        }

        return hash.ToHashCode();
    }
}
