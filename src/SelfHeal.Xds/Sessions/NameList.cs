using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Xds.Sessions;

/// <summary>
/// The names of one state-of-the-world request as the client wrote them, and what they mean. Each request repeats the
/// whole list, nearly always the one before it, so that is recognised without making anything of it. Shared by streams
/// that write the same.
/// </summary>
internal sealed class NameList
{
    private const string WildcardName = "*";

    // As many as there are name sets; the order in which Envoys write them follows from their configuration.
    private static readonly WeakCache<NameList> Shared = new(4096);

    private readonly string[] _written;

    private NameList(string[] written, NameSet names, bool wildcard)
    {
        _written = written;
        Names = names;
        Wildcard = wildcard;
    }

    /// <summary>A request without names.</summary>
    public static NameList Empty { get; } = new([], NameSet.Empty, wildcard: false);

    /// <summary>The names without <c>*</c>.</summary>
    public NameSet Names { get; }

    /// <summary>Whether <c>*</c> is among them.</summary>
    public bool Wildcard { get; }

    /// <summary>Reads a request's list.</summary>
    /// <param name="requested">Not kept.</param>
    /// <param name="known">Its strings are used where they are equal.</param>
    public static NameList Of(IReadOnlyList<string> requested, ResourceSet? known) =>
        requested.Count == 0
            ? Empty
            : Shared.GetOrAdd(NameSet.Hash(requested), list => list.IsWrittenAs(requested), () =>
            {
                var wildcard = requested.Contains(WildcardName, StringComparer.Ordinal);
                var names = NameSet.Of(
                    wildcard ? requested.Where(name => name is not WildcardName) : requested, known);
                // The set's own strings, so that the list costs a reference a name and no text.
                string[] written = [.. requested.Select(name => names.Intern(name))];
                return new NameList(written, names, wildcard);
            });

    /// <summary>Whether a request lists the same names in the same order.</summary>
    public bool IsWrittenAs(IReadOnlyList<string> requested)
    {
        if (requested.Count != _written.Length)
            return false;
        for (var index = 0; index < _written.Length; index++)
        {
            if (!string.Equals(_written[index], requested[index], StringComparison.Ordinal))
                return false;
        }
        return true;
    }
}
