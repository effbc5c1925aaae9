using System.Collections.Immutable;
using Envoy.Config.Core.V3;
using Google.Protobuf.WellKnownTypes;

namespace SelfHeal.Xds.Groups;

/// <summary>Which nodes a group is for. What is null is not asked about; all that is given must hold.</summary>
public sealed record NodeMatch
{
    /// <summary>The node's id; <c>*</c> stands for any run of characters. Default: null.</summary>
    public GlobPattern? Id { get; init; }

    /// <summary>
    /// The node's cluster (<c>--service-cluster</c>); <c>*</c> as in <see cref="Id"/>. Default: null.
    /// </summary>
    public GlobPattern? Cluster { get; init; }

    /// <summary>The region of its locality. Default: null.</summary>
    public string? Region { get; init; }

    /// <summary>The zone of its locality. Default: null.</summary>
    public string? Zone { get; init; }

    /// <summary>The sub-zone of its locality. Default: null.</summary>
    public string? SubZone { get; init; }

    /// <summary>
    /// Texts, numbers or flags in its metadata by dotted path, each as it would be written in YAML. Default: empty.
    /// </summary>
    public ImmutableSortedDictionary<string, string> Metadata { get; init; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>Whether a node is meant.</summary>
    /// <param name="node">As it introduced itself.</param>
    public bool Matches(Node node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return Id?.Matches(node.Id) != false
            && Cluster?.Matches(node.Cluster) != false
            && IsOrAny(Region, node.Locality?.Region)
            && IsOrAny(Zone, node.Locality?.Zone)
            && IsOrAny(SubZone, node.Locality?.SubZone)
            && Metadata.All(wanted => string.Equals(
                Find(node.Metadata, wanted.Key), wanted.Value, StringComparison.Ordinal));
    }

    private static bool IsOrAny(string? wanted, string? found) =>
        wanted is null || string.Equals(wanted, found ?? "", StringComparison.Ordinal);

    /// <summary>
    /// Keys may hold dots themselves (<c>app.kubernetes.io/name</c>), so the longest key that is there comes first.
    /// </summary>
    private static string? Find(Struct? values, string path)
    {
        if (values is null)
            return null;
        if (values.Fields.TryGetValue(path, out var value))
            return TextOf(value);
        for (var dot = path.LastIndexOf('.'); dot > 0; dot = path.LastIndexOf('.', dot - 1))
        {
            if (values.Fields.TryGetValue(path[..dot], out var below)
                && Find(below.StructValue, path[(dot + 1)..]) is { } found)
                return found;
        }

        return null;
    }

    private static string? TextOf(Value value) => value.KindCase switch
    {
        Value.KindOneofCase.StringValue => value.StringValue,
        Value.KindOneofCase.BoolValue => value.BoolValue ? "true" : "false",
        Value.KindOneofCase.NumberValue =>
            value.NumberValue.ToString("R", System.Globalization.CultureInfo.InvariantCulture),
        _ => null,
    };
}
