using System.Collections.Immutable;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Sidecar.Xds;

/// <summary>Reads a directory of Envoy resources; the parsing itself works on text that is handed in.</summary>
/// <param name="path">The directory; files in it, not in folders below, count.</param>
internal sealed class ResourceDirectory(string path)
{
    // A resource file of a thousand clusters is a few megabytes; more than this is not a resource file.
    private const long FileBytesMax = 64 * 1024 * 1024;

    private static readonly ImmutableArray<string> Extensions = [".yaml", ".yml", ".json"];

    /// <summary>The directory.</summary>
    public string Path { get; } = path;

    /// <summary>What changes when a file does: names, sizes and times of writing. Symbolic links are followed, so that
    /// the swap of a mounted ConfigMap shows.</summary>
    /// <exception cref="IOException">The directory cannot be read.</exception>
    public string Fingerprint() => string.Join('\n', Files().Select(static file =>
    {
        var target = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
        return $"{file.Name} {target.FullName} {target.Length} {target.LastWriteTimeUtc.Ticks}";
    }));

    /// <summary>Reads, parses and validates everything.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    public ResourceReading Read()
    {
        var files = Files().ToList();
        if (files.Count == 0)
        {
            return new ResourceReading(0, null, [new ResourceError(
                Path, 1, 1, "", $"no resource files; expected {string.Join(", ", Extensions)}")]);
        }

        if (files.Find(static f => f.Length > FileBytesMax) is { } large)
        {
            return new ResourceReading(files.Count, null, [new ResourceError(
                large.FullName, 1, 1, "", $"{large.Length} bytes, expected at most {FileBytesMax}")]);
        }

        var parsed = ResourceFileParser.Parse(
            files.Select(static file => new ResourceFile(file.FullName, File.ReadAllText(file.FullName))));
        if (!parsed.Errors.IsEmpty)
            return new ResourceReading(files.Count, null, parsed.Errors);
        var validation = new SnapshotValidator().Validate(Snapshot.Create(parsed.Resources));
        var warnings = validation.Snapshot is { } snapshot ? SnapshotReview.Warnings(snapshot) : [];
        return new ResourceReading(files.Count, validation.Snapshot, [.. validation.Errors.Select(Locate)])
        {
            Warnings = [.. warnings.Select(Locate)],
        };

        ResourceError Locate(SnapshotError error) =>
            parsed.Locations.Locate(error) ?? new ResourceError(Path, 1, 1, error.Field, error.ToString());
    }

    private IEnumerable<FileInfo> Files() => new DirectoryInfo(Path).EnumerateFiles()
        .Where(static file => Extensions.Contains(file.Extension, StringComparer.Ordinal) && file.Name[0] != '.')
        .OrderBy(static file => file.Name, StringComparer.Ordinal);
}
