namespace SelfHeal.Core.Series;

/// <summary>
/// The series of interest that one stream has sent so far; the place in it is the stream-local index of a sample. It
/// only grows. The stream's reader appends; the control thread reads entries below the
/// <see cref="FlushBatch.SeriesCount"/> of a batch that it was handed, and the hand-over orders the two. Because every
/// batch refers to the catalog instead of carrying its own new names, a dropped batch cannot lose a name.
/// </summary>
public sealed class SeriesCatalog
{
    private volatile SeriesEntry[] _entries = new SeriesEntry[64];
    private int _count;

    /// <summary>How many entries the writer has appended; meaningful on the writer's thread only.</summary>
    public int Count => _count;

    /// <summary>The entry at a stream-local index.</summary>
    /// <param name="index">Below the count that the batch carries.</param>
    public SeriesEntry this[int index] => _entries[index];

    /// <summary>Appends an entry. The caller bounds how many.</summary>
    /// <param name="entry">The series.</param>
    /// <returns>Its stream-local index.</returns>
    public int Append(SeriesEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        var entries = _entries;
        if (_count == entries.Length)
        {
            // A reader may hold the old array: its entries stay valid, so a copy replaces it.
            Array.Resize(ref entries, entries.Length * 2);
            _entries = entries;
        }

        entries[_count] = entry;
        return _count++;
    }
}
