using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Xds.Resources;

/// <summary>
/// Remembers the line and column of every field of the parsed resources, so that an error found by
/// <see cref="SnapshotValidator"/> can be shown at its place in the file.
/// </summary>
public sealed class ResourceLocations
{
    private readonly Dictionary<(string TypeUrl, string Name), ResourceFields> _byResource = [];

    /// <summary>Places an error of the snapshot in the file that it comes from.</summary>
    /// <param name="error">The error.</param>
    /// <returns>The error with the nearest known place; null for a resource that came from no file.</returns>
    public ResourceError? Locate(SnapshotError error)
    {
        ArgumentNullException.ThrowIfNull(error);
        if (!_byResource.TryGetValue((error.TypeUrl, error.Resource), out var fields))
            return null;
        var path = error.Field;
        while (true)
        {
            if (fields.Places.TryGetValue(path, out var place))
                return new ResourceError(fields.File, place.Line, place.Column, error.Field, error.Message);
            var cut = path.LastIndexOfAny(['.', '[']);
            path = cut < 0 ? string.Empty : path[..cut];
        }
    }

    internal bool TryFind(string typeUrl, string name, out string file, out int line)
    {
        var found = _byResource.TryGetValue((typeUrl, name), out var fields);
        (file, line) = found ? (fields!.File, fields.Places[string.Empty].Line) : (string.Empty, 0);
        return found;
    }

    internal void Add(string typeUrl, string name, ResourceFields fields) =>
        _byResource.TryAdd((typeUrl, name), fields);
}
