using System.Collections.Immutable;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Resources.Descriptors;

namespace SelfHeal.Sidecar.Xds;

/// <summary>The descriptor sets that the configuration names, shared by every directory of resources.</summary>
/// <param name="paths">Files, wherever they lie.</param>
internal sealed class DescriptorSets(ImmutableArray<string> paths)
{
    // As for resource files; the whole Envoy API with its comments is 10 MB.
    private const long FileBytesMax = 64 * 1024 * 1024;

    // The types as they were last read, and the files' fingerprint then.
    private volatile Known? _known;

    /// <summary>No sets: the API of this build alone.</summary>
    public static DescriptorSets None { get; } = new([]);

    /// <summary>What changes when a set does; one that is missing counts as well.</summary>
    /// <exception cref="IOException">A set cannot be looked at.</exception>
    public string Fingerprint() =>
        FileFingerprint.Of(paths.Select(static path => new FileInfo(path)).Where(static file => file.Exists));

    /// <summary>The types; read again only when a set changed.</summary>
    /// <exception cref="IOException">A set cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A set may not be read.</exception>
    public DescriptorIndexResult Read()
    {
        if (paths.IsEmpty)
            return new DescriptorIndexResult(DescriptorIndex.Pinned, []);
        var fingerprint = Fingerprint();
        if (_known is { } known && string.Equals(known.Fingerprint, fingerprint, StringComparison.Ordinal))
            return known.Result;
        var result = ReadAnew();
        // What is read in the middle of a change is read again.
        if (string.Equals(Fingerprint(), fingerprint, StringComparison.Ordinal))
            _known = new Known(fingerprint, result);
        return result;
    }

    private DescriptorIndexResult ReadAnew()
    {
        var errors = ImmutableArray.CreateBuilder<ResourceError>();
        foreach (var file in paths.Select(static path => new FileInfo(path)))
        {
            if (!file.Exists)
                Fail(file, "no such file; expected a descriptor set, as xds.descriptor_sets says");
            else if (file.Length > FileBytesMax)
                Fail(file, $"{file.Length} bytes, expected at most {FileBytesMax}");
        }

        return errors.Count > 0
            ? new DescriptorIndexResult(null, errors.ToImmutable())
            : DescriptorIndex.Read(paths.Select(static path => new DescriptorSetFile(path, File.ReadAllBytes(path))));

        void Fail(FileInfo file, string message) =>
            errors.Add(new ResourceError(file.FullName, 1, 1, "", message));
    }

    private sealed record Known(string Fingerprint, DescriptorIndexResult Result);
}
