namespace SelfHeal.Sidecar.Xds;

/// <summary>What changes when files do, without reading them.</summary>
internal static class FileFingerprint
{
    /// <summary>Names, sizes and times of writing, of what symbolic links lead to.</summary>
    /// <param name="files">Files that are there.</param>
    /// <exception cref="IOException">A file cannot be looked at.</exception>
    public static string Of(IEnumerable<FileInfo> files) => string.Join('\n', files.Select(static file =>
    {
        var target = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
        // A ConfigMap's files point into one linked directory, and it is that link which is swapped.
        var folder = target.Directory?.ResolveLinkTarget(returnFinalTarget: true);
        return $"{file.FullName} {target.FullName} {folder?.FullName} {target.Length} {target.LastWriteTimeUtc.Ticks}";
    }));
}
