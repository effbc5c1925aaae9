using SelfHeal.Core.Time;

namespace SelfHeal.Core.Series;

/// <summary>The absolute counters of one Envoy process as a closed stream left them, so that the node's next stream can
/// go on from them.</summary>
/// <param name="catalog">The closed stream's series; its reader appends no more.</param>
/// <param name="series">Their last values, by index.</param>
/// <param name="count">How many there are.</param>
/// <param name="uptimeSeconds"><c>server.uptime</c> as last seen; -1 while it never came.</param>
/// <param name="uptimeAt">When the flush with that uptime came.</param>
internal sealed class ParkedCounters(
    SeriesCatalog? catalog, StreamSeries[] series, int count, long uptimeSeconds, ControlTime uptimeAt)
{
    private Dictionary<string, int>? _places;

    public long UptimeSeconds { get; } = uptimeSeconds;

    public ControlTime UptimeAt { get; } = uptimeAt;

    /// <summary>The order in which counters were parked.</summary>
    public long Order { get; set; }

    /// <summary>A series' last value.</summary>
    /// <param name="index">Its index in the new stream: mostly the same as in the old one, because an Envoy repeats
    /// its order.</param>
    /// <param name="entry">The series.</param>
    /// <param name="last">The value.</param>
    /// <returns>False where the old stream never sent it.</returns>
    public bool TryGetLast(int index, SeriesEntry entry, out long last)
    {
        last = 0;
        if (catalog is null)
            return false;
        var place = index;
        if (index >= count || !string.Equals(catalog[index].FullName, entry.FullName, StringComparison.Ordinal))
        {
            _places ??= Places(catalog);
            if (!_places.TryGetValue(entry.FullName, out place))
                return false;
        }

        last = series[place].Last;
        return series[place].Target >= 0;
    }

    private Dictionary<string, int> Places(SeriesCatalog from)
    {
        var places = new Dictionary<string, int>(count, StringComparer.Ordinal);
        for (var index = 0; index < count; index++)
            places[from[index].FullName] = index;
        return places;
    }
}
