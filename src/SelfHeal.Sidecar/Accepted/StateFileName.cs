using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using SelfHeal.Xds.Accepted;

namespace SelfHeal.Sidecar.Accepted;

/// <summary>How files of kept configuration are called: what of, which generation, what kind.</summary>
/// <param name="Stem">What of.</param>
/// <param name="Generation">The later, the greater.</param>
/// <param name="Kind">What it holds.</param>
internal readonly record struct StateFileName(string Stem, ulong Generation, StateKind Kind)
{
    /// <summary>What a file is called until it is whole.</summary>
    public const string Unfinished = ".unfinished";

    private const int LegibleMax = 60;

    /// <summary>The stem for a group: legible, and with a hash, since not every name of a group is one of a file.
    /// </summary>
    /// <param name="group">The group's name.</param>
    public static string StemOf(string group)
    {
        var legible = group.Take(LegibleMax)
            .Select(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '_');
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(group)));
        return $"{string.Concat(legible)}-{hash[..16]}";
    }

    /// <summary>Reads a name; null for files that are none of ours.</summary>
    /// <param name="name">The name of a file.</param>
    public static StateFileName? Parse(string name)
    {
        var parts = name.Split('.');
        if (parts is not [var stem, var number, var kind] || stem.Length == 0
            || !ulong.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var generation))
            return null;
        foreach (var known in Enum.GetValues<StateKind>())
        {
            if (kind == Word(known))
                return new StateFileName(stem, generation, known);
        }

        return null;
    }

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Stem}.{Generation:D10}.{Word(Kind)}");

    private static string Word(StateKind kind) => kind switch
    {
        StateKind.Accepted => "accepted",
        StateKind.Verified => "verified",
        StateKind.Quarantine => "quarantine",
        StateKind.Upstream => "upstream",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such kind"),
    };
}
