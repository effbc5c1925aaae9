using SelfHeal.Core.Series;

namespace SelfHeal.Core.Recording;

/// <summary>What writer and reader both remember of a stream, so that only differences are in the file.</summary>
internal sealed class StreamSamples(string node, string nodeCluster)
{
    private long[] _last = [];

    public string Node { get; } = node;

    public string NodeCluster { get; } = nodeCluster;

    /// <summary>The sequence number that the next batch is expected to have.</summary>
    public long NextSequence { get; set; }

    /// <summary>The sequence number that a reader counts from: 0, or where it came in.</summary>
    public long FirstSequence { get; set; }

    public long TimestampMillis { get; set; }

    /// <summary>The stream's series; null before its first batch.</summary>
    public SeriesCatalog? Catalog { get; set; }

    /// <summary>How many of them the batches so far may refer to.</summary>
    public int SeriesCount { get; set; }

    /// <summary>How many of them are in the file, or on their way to it.</summary>
    public int SeriesWritten { get; set; }

    /// <summary>The newest value of every series.</summary>
    public long[] Last => _last;

    /// <summary>Makes room for values of so many series.</summary>
    public void Grow(int series)
    {
        if (_last.Length < series)
            Array.Resize(ref _last, Math.Max(_last.Length * 2, series));
    }

    /// <summary>From here on differences are counted from zero: a key begins.</summary>
    public void Reset()
    {
        Array.Clear(_last);
        TimestampMillis = 0;
    }
}
