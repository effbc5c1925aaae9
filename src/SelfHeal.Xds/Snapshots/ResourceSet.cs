using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using SelfHeal.Core;
using SelfHeal.Xds.Resources;

namespace SelfHeal.Xds.Snapshots;

/// <summary>All resources of one type, each name once, sorted ordinally.</summary>
public sealed class ResourceSet
{
    private const int VersionCharacters = 16;

    private readonly Dictionary<string, XdsResource> _byName;

    private ResourceSet(string typeUrl, ImmutableArray<XdsResource> resources)
    {
        TypeUrl = typeUrl;
        Resources = resources;
        _byName = new Dictionary<string, XdsResource>(resources.Length, StringComparer.Ordinal);
        foreach (var resource in resources)
        {
            var isOfType = string.Equals(resource.TypeUrl, typeUrl, StringComparison.Ordinal);
            Invariant.Assert(isOfType, "a set holds resources of its type only");
            Invariant.Assert(_byName.TryAdd(resource.Name, resource), "a set holds each name once");
        }
        Version = VersionOf(typeUrl, resources);
    }

    /// <summary>The type.</summary>
    public string TypeUrl { get; }

    /// <summary>Ordinally by name.</summary>
    public ImmutableArray<XdsResource> Resources { get; }

    /// <summary>
    /// A hash over the type and every name and content hash, so that equal content has an equal version on every
    /// replica and after every restart, and any change gives another.
    /// </summary>
    public string Version { get; }

    /// <summary>The set of a type that has no resources.</summary>
    /// <param name="typeUrl">The type.</param>
    public static ResourceSet Empty(string typeUrl) => new(typeUrl, []);

    /// <summary>The resource of this name, or null.</summary>
    /// <param name="name">Compared ordinally.</param>
    public XdsResource? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>A set of resources that are distinct by name, in any order.</summary>
    /// <param name="typeUrl">The type of all of them.</param>
    /// <param name="resources">No two of one name.</param>
    internal static ResourceSet Create(string typeUrl, IEnumerable<XdsResource> resources) =>
        new(typeUrl, [.. resources.OrderBy(resource => resource.Name, StringComparer.Ordinal)]);

    /// <summary>The version of a list of resources that are in ordinal order.</summary>
    internal static string VersionOf(string typeUrl, IEnumerable<XdsResource> ordered)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        AppendText(hash, typeUrl);
        foreach (var resource in ordered)
        {
            AppendText(hash, resource.Name);
            AppendText(hash, resource.ContentHash);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..VersionCharacters];
    }

    private static void AppendText(IncrementalHash hash, string text)
    {
        hash.AppendData(Encoding.UTF8.GetBytes(text));
        // No name and no hash holds a zero, so "ab","c" and "a","bc" differ.
        hash.AppendData([0]);
    }
}
