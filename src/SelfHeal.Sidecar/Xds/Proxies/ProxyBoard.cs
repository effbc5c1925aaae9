using System.Collections.Immutable;
using Envoy.Config.Core.V3;
using SelfHeal.Sidecar.Admin;
using SelfHeal.Xds.Resources;

namespace SelfHeal.Sidecar.Xds.Proxies;

/// <summary>Tells of single proxies from the registry.</summary>
/// <param name="registry">Who knows them.</param>
internal sealed class ProxyBoard(ProxyRegistry registry) : IProxyBoard
{
    // Each costs two texts and their comparison; a proxy that has just connected lacks thousands, and a person reads
    // the first few. The rest is counted.
    private const int DifferencesMax = 200;

    /// <inheritdoc/>
    public ProxyDocument? Find(string node)
    {
        var streams = registry.Find(node);
        if (streams.IsEmpty)
            return null;
        var introduced = streams.Select(static s => s.Node).LastOrDefault(static n => n is not null);
        return new ProxyDocument(
            node,
            introduced?.Cluster ?? "",
            AgentOf(introduced),
            [.. introduced?.ClientFeatures ?? []],
            [.. streams.Select(Describe)],
            [.. Rejections(streams).Select(static r => Describe(r, withDiff: false))]);
    }

    /// <inheritdoc/>
    public ProxyDiffDocument? Compare(string node)
    {
        var streams = registry.Find(node);
        if (streams.IsEmpty)
            return null;
        var differences = streams
            .SelectMany(static s => s.Types.SelectMany(type => ResourceDifference.Of(type, s.Intended)))
            .DistinctBy(static d => (d.TypeUrl, d.Name))
            .ToList();
        return new ProxyDiffDocument(
            node,
            [
                .. differences.OrderBy(static d => d.TypeUrl, TypeUrl.Comparer)
                    .Take(DifferencesMax)
                    .Select(static d => Describe(
                        d.TypeUrl, d.Name, d.Kind, (d.IntendedHash, d.Intended), (d.HeldHash, d.Held), "intended")),
            ],
            Math.Max(0, differences.Count - DifferencesMax),
            [.. Rejections(streams).Select(static r => Describe(r, withDiff: true))]);
    }

    private static IEnumerable<ProxyRejection> Rejections(ImmutableArray<ProxyView> streams) =>
        streams.SelectMany(static s => s.Rejections).OrderByDescending(static r => r.At);

    private static string AgentOf(Node? node)
    {
        var version = node?.UserAgentBuildVersion?.Version is { } number
            ? $"{number.MajorNumber}.{number.MinorNumber}.{number.Patch}"
            : node?.UserAgentVersion;
        return $"{node?.UserAgentName} {version}".Trim();
    }

    private static ProxyStreamDocument Describe(ProxyView stream) => new(
        stream.Stream,
        stream.Kind.Delta ? "delta" : "sotw",
        stream.Kind.OnlyType is { } only ? TypeUrl.FullName(only) : null,
        stream.OpenedAt,
        [
            .. stream.Types.Select(type => new ProxyTypeDocument(
                TypeUrl.FullName(type.TypeUrl),
                type.State,
                type.SentVersion,
                type.HeldVersion,
                type.Wildcard,
                type.Names.Length,
                type.Held?.Count ?? 0,
                ResourceDifference.Of(type, stream.Intended).Count(),
                type.UpdatedAt == default ? null : type.UpdatedAt,
                type.State is "error" ? type.Rejection?.Message : null)),
        ]);

    private static ProxyRejectionDocument Describe(ProxyRejection rejection, bool withDiff) => new(
        TypeUrl.FullName(rejection.TypeUrl),
        rejection.Version,
        rejection.Code,
        rejection.Message,
        rejection.At,
        [.. rejection.Resources.Where(static r => r.IsCulprit).Select(static r => r.Name)],
        [.. rejection.Resources.Select(r => Describe(rejection, r, withDiff))],
        rejection.Omitted);

    private static ProxyDifferenceDocument Describe(ProxyRejection rejection, RejectedResource resource, bool withDiff)
    {
        var kind = resource.Accepted is null ? "missing" : "different";
        return withDiff
            ? Describe(
                rejection.TypeUrl,
                resource.Name,
                kind,
                (resource.ContentHash, resource.Rejected),
                (resource.Accepted?.ContentHash, resource.Accepted),
                "rejected")
            : new ProxyDifferenceDocument(
                TypeUrl.FullName(rejection.TypeUrl),
                resource.Name,
                kind,
                resource.ContentHash,
                resource.Accepted?.ContentHash,
                null,
                null);
    }

    private static ProxyDifferenceDocument Describe(
        string typeUrl,
        string name,
        string kind,
        (string? Hash, XdsResource? Content) other,
        (string? Hash, XdsResource? Content) held,
        string otherName)
    {
        var (diff, note) = Compare(typeUrl, name, other, held, otherName);
        return new ProxyDifferenceDocument(TypeUrl.FullName(typeUrl), name, kind, other.Hash, held.Hash, diff, note);
    }

    private static (string? Diff, string? Note) Compare(
        string typeUrl,
        string name,
        (string? Hash, XdsResource? Content) other,
        (string? Hash, XdsResource? Content) held,
        string otherName)
    {
        if (typeUrl is TypeUrl.Secret)
            return (null, "secrets are not shown");
        if ((other.Hash is not null && other.Content is null) || (held.Hash is not null && held.Content is null))
            return (null, "the content is not known to this process any more");
        var (before, after) = (Text(held.Content), Text(other.Content));
        if (before is null || after is null)
            return (null, "it is of a type, or holds an Any of a type, that is not known here");
        var diff = UnifiedDiff.Write(before, after, $"held/{name}", $"{otherName}/{name}");
        return diff.Length > 0 ? (diff, null) : (null, "they differ only in fields that are not shown");
    }

    private static string? Text(XdsResource? resource) => resource is null
        ? ""
        : Redaction.Of(resource) is { } shown ? ResourceJson.Format(shown) : null;
}
