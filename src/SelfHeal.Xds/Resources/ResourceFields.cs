namespace SelfHeal.Xds.Resources;

/// <summary>The places of one resource's fields; the empty path is the resource itself.</summary>
/// <param name="file">The file that holds the resource.</param>
internal sealed class ResourceFields(string file)
{
    public string File { get; } = file;

    public Dictionary<string, (int Line, int Column)> Places { get; } = new(StringComparer.Ordinal);
}
