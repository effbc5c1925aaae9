using System.Collections.Immutable;
using System.Text;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Resources.Descriptors;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Sidecar.Xds;

/// <summary>
/// Reads a directory of Envoy resources and the descriptor sets that explain them; the parsing itself works on text and
/// bytes that are handed in.
/// </summary>
/// <param name="path">The directory; files in it, not in folders below, count.</param>
/// <param name="descriptorSets">What explains the resources.</param>
/// <param name="readFile">Reads a file by its path; null: from the disk.</param>
internal sealed class ResourceDirectory(
    string path, DescriptorSets descriptorSets, Func<string, byte[]>? readFile = null)
{
    // A resource file of a thousand clusters is a few megabytes; more than this is not a resource file.
    private const long FileBytesMax = 64 * 1024 * 1024;

    // A swap of files takes milliseconds and a reading takes longer, so the second try nearly always meets a quiet
    // directory; one that is written all the time is looked at again at the owner's next look.
    private const int TriesMax = 3;

    private static readonly ImmutableArray<string> Extensions = [".yaml", ".yml", ".json"];

    private readonly Func<string, byte[]> _readFile = readFile ?? File.ReadAllBytes;

    /// <summary>The directory.</summary>
    public string Path { get; } = path;

    /// <summary>What changes when a file does: names, sizes and times of writing. Symbolic links are followed, so that
    /// the swap of a mounted ConfigMap shows.</summary>
    /// <exception cref="IOException">The directory cannot be read.</exception>
    public string Fingerprint() => $"{FileFingerprint.Of(Files())}\n{descriptorSets.Fingerprint()}";

    /// <summary>Reads, parses and validates everything, as it was at one moment: files that change while they are read
    /// are read again.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    public ResourceReading Read()
    {
        for (var tries = 0; tries < TriesMax; tries++)
        {
            var before = Fingerprint();
            var reading = ReadOnce();
            if (string.Equals(Fingerprint(), before, StringComparison.Ordinal))
                return reading with { Fingerprint = before };
        }

        return Refused(0, new ResourceError(
            Path, 1, 1, "", "the files change while they are read; expected them to be left alone for a moment"));
    }

    private ResourceReading ReadOnce()
    {
        var files = Files().ToList();
        if (files.Count == 0)
        {
            return Refused(0, new ResourceError(
                Path, 1, 1, "", $"no resource files; expected {string.Join(", ", Extensions)}"));
        }

        if (files.Find(static f => f.Length > FileBytesMax) is { } large)
        {
            return Refused(files.Count, new ResourceError(
                large.FullName, 1, 1, "", $"{large.Length} bytes, expected at most {FileBytesMax}"));
        }

        var types = descriptorSets.Read();
        return types.Index is { } index
            ? ReadResources(files, index)
            : Refused(files.Count, [.. types.Errors]);
    }

    private ResourceReading ReadResources(List<FileInfo> files, DescriptorIndex types)
    {
        var parsed = ResourceFileParser.Parse(
            files.Select(file => new ResourceFile(file.FullName, Text(_readFile(file.FullName)))), types);
        if (!parsed.Errors.IsEmpty)
            return Refused(files.Count, [.. parsed.Errors]);
        var validator = new SnapshotValidator(new SnapshotValidatorOptions { Types = types });
        var validation = validator.Validate(Snapshot.Create(parsed.Resources));
        var warnings = validation.Snapshot is { } snapshot ? SnapshotReview.Warnings(snapshot) : [];
        return new ResourceReading(files.Count, validation.Snapshot, [.. validation.Errors.Select(Locate)])
        {
            Warnings = [.. warnings.Select(Locate)],
            Types = types,
        };

        ResourceError Locate(SnapshotError error) =>
            parsed.Locations.Locate(error) ?? new ResourceError(Path, 1, 1, error.Field, error.ToString());
    }

    private static ResourceReading Refused(int files, params ImmutableArray<ResourceError> errors) =>
        new(files, null, errors);

    private static string Text(byte[] bytes)
    {
        using var reader = new StreamReader(new MemoryStream(bytes), Encoding.UTF8);
        return reader.ReadToEnd();
    }

    private IEnumerable<FileInfo> Files() => new DirectoryInfo(Path).EnumerateFiles()
        .Where(static file => Extensions.Contains(file.Extension, StringComparer.Ordinal) && file.Name[0] != '.')
        .OrderBy(static file => file.Name, StringComparer.Ordinal);
}
