namespace SelfHeal.Core.Detection;

/// <summary>Hours as history is kept by: Monday 00:00 to 01:00 UTC is hour 0 of a week.</summary>
internal static class HourOfWeek
{
    /// <summary>Hours in a week.</summary>
    public const int Hours = 168;

    // 1970-01-01 was a Thursday, three days after Monday.
    private const long EpochOffset = 72;
    private const long SecondsInHour = 3_600;

    /// <summary>Hours since a Monday: equal within an hour, one more in the next.</summary>
    public static long Index(DateTimeOffset wall) =>
        (long)Math.Floor((double)wall.ToUnixTimeSeconds() / SecondsInHour) + EpochOffset;

    /// <summary>The hour of the week, 0 to 167.</summary>
    public static int Of(long index) => (int)(((index % Hours) + Hours) % Hours);

    /// <summary>Weeks since that Monday.</summary>
    public static long WeekOf(long index) => (index - Of(index)) / Hours;
}
