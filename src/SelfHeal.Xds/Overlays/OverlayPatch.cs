using System.Globalization;
using Google.Protobuf.WellKnownTypes;

namespace SelfHeal.Xds.Overlays;

/// <summary>
/// What one overlay wants to change in a message. Everything is looked at before anything is touched, so that an
/// overlay with any fault leaves the message as it was, and says all its faults at once.
/// </summary>
internal sealed class OverlayPatch
{
    // Names shown where one was expected: enough to see a slip of the pen, not a fleet.
    private const int NamesShown = 8;

    // Envoy counts in milliseconds, and takes zero for no limit. A year is more than any of these can mean.
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(365);

    private readonly List<string> _problems = [];
    private readonly List<Action> _changes = [];
    private readonly List<string> _basis = [];

    /// <summary>Whether it stands as it is.</summary>
    public bool IsRefused => _problems.Count > 0;

    /// <summary>What stands against it.</summary>
    public string Problem => string.Join("; ", _problems);

    /// <summary>
    /// What the source says of that which the overlay sets: as long as it is the same, the source has not spoken since.
    /// </summary>
    public string Basis => string.Join("; ", _basis);

    /// <summary>The source says this of what the overlay sets.</summary>
    /// <param name="text">Equal for equal values.</param>
    public void Note(string text) => _basis.Add(text);

    /// <summary>The overlay cannot be laid.</summary>
    /// <param name="problem">What is wrong and what was expected.</param>
    public void Refuse(string problem) => _problems.Add(problem);

    /// <summary>Wants a value; nothing happens where it is there already.</summary>
    /// <param name="before">The value now.</param>
    /// <param name="after">The value that is wanted.</param>
    /// <param name="set">Sets it.</param>
    public void Set<T>(T before, T after, Action<T> set)
    {
        if (!EqualityComparer<T>.Default.Equals(before, after))
            _changes.Add(() => set(after));
    }

    /// <summary>Wants a number where the overlay names one.</summary>
    /// <param name="name">The setting, for messages.</param>
    /// <param name="before">The value now.</param>
    /// <param name="after">The value that is wanted; null leaves it.</param>
    /// <param name="most">The largest that is allowed.</param>
    /// <param name="set">Sets it.</param>
    public void SetNumber(string name, uint? before, uint? after, uint most, Action<uint?> set)
    {
        if (after is not null)
            Note($"{name}={before}");
        if (after > most)
            Refuse(Outside(name, after.Value.ToString(CultureInfo.InvariantCulture), 0, most));
        else if (after is not null)
            Set(before, after, set);
    }

    /// <summary>Wants a duration where the overlay names one.</summary>
    /// <param name="name">The setting, for messages.</param>
    /// <param name="before">The value now.</param>
    /// <param name="after">The value that is wanted; null leaves it.</param>
    /// <param name="set">Sets it.</param>
    public void SetDuration(string name, Duration? before, TimeSpan? after, Action<Duration?> set)
    {
        if (after is not { } wanted)
            return;
        Note($"{name}={before}");
        if (wanted < Shortest || wanted > Longest)
            Refuse($"{name} is {Text(wanted)}, outside of [{Text(Shortest)}, {Text(Longest)}]");
        else
            Set(before, Duration.FromTimeSpan(wanted), set);
    }

    /// <summary>Carries out what is wanted.</summary>
    /// <returns>Whether anything changed.</returns>
    public bool Apply()
    {
        foreach (var change in _changes)
            change();
        return _changes.Count > 0;
    }

    /// <summary>A number out of its range.</summary>
    public static string Outside(string name, string value, uint least, uint most) =>
        $"{name} is {value}, outside of [{least}, {most}]";

    /// <summary>What was expected: one of these names.</summary>
    public static string Expected(IEnumerable<string> names)
    {
        var known = names.Where(static name => name.Length > 0).Distinct(StringComparer.Ordinal).ToList();
        if (known.Count == 0)
            return "there are none";
        var shown = string.Join(", ", known.Take(NamesShown).Select(static name => $"'{name}'"));
        return known.Count > NamesShown ? $"expected one of {shown} and {known.Count - NamesShown} more"
            : $"expected {(known.Count == 1 ? "" : "one of ")}{shown}";
    }

    /// <summary>A duration for messages.</summary>
    public static string Text(TimeSpan duration) =>
        string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0.#######} s");
}
