using System.Collections.Immutable;

namespace SelfHeal.Sidecar.Config;

/// <summary>What a node must say of itself.</summary>
internal sealed class NodeMatchOptions
{
    /// <summary>Its id; <c>*</c> stands for any run of characters. Null: any. Default: null.</summary>
    public string? Id { get; init; }

    /// <summary>Its cluster; <c>*</c> stands for any run of characters. Null: any. Default: null.</summary>
    public string? Cluster { get; init; }

    /// <summary>The region of its locality. Null: any. Default: null.</summary>
    public string? Region { get; init; }

    /// <summary>The zone of its locality. Null: any. Default: null.</summary>
    public string? Zone { get; init; }

    /// <summary>The sub-zone of its locality. Null: any. Default: null.</summary>
    public string? SubZone { get; init; }

    /// <summary>
    /// Values in its metadata by dotted path, such as <c>labels.tier: edge</c>; keys may hold dots themselves.
    /// Default: {}.
    /// </summary>
    public ImmutableSortedDictionary<string, string> Metadata { get; init; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);
}
