using SelfHeal.Core.Series;

namespace SelfHeal.Core.Recording;

/// <summary>
/// The names of series that a reader has seen. A stream's catalog grows with its batches, as it did when it was
/// recorded; names that several streams share are kept once.
/// </summary>
internal sealed class CatalogShelf
{
    private readonly Dictionary<long, (List<SeriesEntry> Entries, SeriesCatalog Catalog)> _streams = [];
    private readonly Dictionary<SeriesEntry, SeriesEntry> _shared = [];
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private long _characters;
    private int _series;

    /// <summary>Keeps a series.</summary>
    /// <returns>False where the limits are reached.</returns>
    public bool TryAdd(long stream, int index, SeriesEntry entry)
    {
        if (!_streams.TryGetValue(stream, out var known))
            _streams.Add(stream, known = ([], new SeriesCatalog()));

        // A new file repeats what the one before had; behind a lost chunk there is a hole that nothing fills.
        if (index != known.Entries.Count)
            return true;
        if (!_shared.TryGetValue(entry, out var shared))
        {
            var characters = entry.FullName.Length;
            if (!_names.TryGetValue(entry.Key.Name, out var name))
            {
                characters += entry.Key.Name.Length;
                _names.Add(entry.Key.Name, name = entry.Key.Name);
            }

            if ((_characters += characters) > RecordingFormat.NameCharactersMax)
                return false;
            shared = entry with { Key = entry.Key with { Name = name } };
            _shared.Add(shared, shared);
        }

        known.Entries.Add(shared);
        return ++_series <= RecordingFormat.SeriesMax;
    }

    /// <summary>The catalog of a stream with at least so many series; null where some of their names are
    /// lost.</summary>
    public SeriesCatalog? CatalogOf(long stream, int series)
    {
        if (!_streams.TryGetValue(stream, out var known))
            return series == 0 ? new SeriesCatalog() : null;
        if (known.Entries.Count < series)
            return null;
        for (var i = known.Catalog.Count; i < series; i++)
            known.Catalog.Append(known.Entries[i]);
        return known.Catalog;
    }

    /// <summary>The stream has ended.</summary>
    public void Remove(long stream)
    {
        if (_streams.Remove(stream, out var known))
            _series -= known.Entries.Count;
    }
}
