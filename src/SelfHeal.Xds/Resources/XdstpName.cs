namespace SelfHeal.Xds.Resources;

/// <summary>
/// Names of the form <c>xdstp://authority/type/id?context</c> (cncf/xds TP1). Two names are one if their context
/// parameters are the same in any order; a name that ends in <c>/*</c> stands for a whole collection.
/// </summary>
internal static class XdstpName
{
    private const string Scheme = "xdstp:";
    private const string GlobEnd = "/*";

    /// <summary>The name with its context parameters in ordinal order; any other name as it is.</summary>
    public static string Normalize(string name)
    {
        if (!IsXdstp(name))
            return name;
        var fragmentStart = name.IndexOf('#', StringComparison.Ordinal);
        var fragment = fragmentStart < 0 ? string.Empty : name[fragmentStart..];
        var withoutFragment = fragmentStart < 0 ? name : name[..fragmentStart];
        var (path, context) = Split(withoutFragment);
        if (context.Length == 0)
            return path + fragment;
        var parameters = context.Split('&', StringSplitOptions.RemoveEmptyEntries);
        Array.Sort(parameters, StringComparer.Ordinal);
        return $"{path}?{string.Join('&', parameters)}{fragment}";
    }

    /// <summary>Whether it names a collection by its prefix.</summary>
    public static bool IsGlob(string name) =>
        IsXdstp(name) && Split(name).Path.EndsWith(GlobEnd, StringComparison.Ordinal);

    /// <summary>Whether a resource is in a collection: same prefix, same context parameters.</summary>
    /// <param name="name">The resource's name, normalised.</param>
    /// <param name="glob">The collection's name, normalised.</param>
    public static bool IsIn(string name, string glob)
    {
        if (!IsXdstp(name))
            return false;
        var (path, context) = Split(name);
        var (collection, wantedContext) = Split(glob);
        var prefix = collection[..^1];
        return path.Length > prefix.Length && path.StartsWith(prefix, StringComparison.Ordinal)
            && string.Equals(context, wantedContext, StringComparison.Ordinal);
    }

    private static bool IsXdstp(string name) => name.StartsWith(Scheme, StringComparison.Ordinal);

    private static (string Path, string Context) Split(string name)
    {
        var mark = name.IndexOf('?', StringComparison.Ordinal);
        return mark < 0 ? (name, string.Empty) : (name[..mark], name[(mark + 1)..]);
    }
}
