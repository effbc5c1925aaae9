using System.Globalization;
using System.Text;

namespace SelfHeal.Sidecar.Config.Loading;

/// <summary>Durations as a user writes them: a whole number and a unit, or several such parts (<c>1h30m</c>).</summary>
internal static class DurationFormat
{
    private static readonly (string Unit, long Ticks)[] Units =
    [
        ("h", TimeSpan.TicksPerHour),
        ("m", TimeSpan.TicksPerMinute),
        ("s", TimeSpan.TicksPerSecond),
        ("ms", TimeSpan.TicksPerMillisecond),
    ];

    /// <summary>Reads a duration; parts must come from the greatest unit to the least, each at most once.</summary>
    /// <param name="text">As the user wrote it.</param>
    /// <param name="duration">The duration, when the text is one.</param>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        ArgumentNullException.ThrowIfNull(text);
        duration = default;
        var rest = text.AsSpan();
        var nextUnit = 0;
        long ticks = 0;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExceptInRange('0', '9');
            if (digits is < 1 or > 9)
                return false;
            var amount = long.Parse(rest[..digits], CultureInfo.InvariantCulture);
            rest = rest[digits..];
            var letters = rest.IndexOfAnyInRange('0', '9');
            var unit = letters < 0 ? rest : rest[..letters];
            while (nextUnit < Units.Length && !unit.SequenceEqual(Units[nextUnit].Unit))
                nextUnit++;
            if (nextUnit == Units.Length)
                return false;
            // Nine digits of hours are 3.6e19 ticks, more than a long holds.
            var part = (Int128)amount * Units[nextUnit++].Ticks;
            if (part + ticks > TimeSpan.MaxValue.Ticks)
                return false;
            ticks += (long)part;
            rest = rest[unit.Length..];
        }

        duration = new TimeSpan(ticks);
        return text.Length > 0;
    }

    /// <summary>Writes a duration so that <see cref="TryParse"/> reads the same one.</summary>
    /// <param name="duration">Whole milliseconds; less is cut off.</param>
    public static string Write(TimeSpan duration)
    {
        var text = new StringBuilder();
        var rest = duration.Ticks;
        foreach (var (unit, ticks) in Units)
        {
            var amount = rest / ticks;
            rest %= ticks;
            if (amount > 0)
                text.Append(CultureInfo.InvariantCulture, $"{amount}{unit}");
        }

        return text.Length == 0 ? "0s" : text.ToString();
    }
}
