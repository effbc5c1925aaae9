namespace SelfHeal.Xds.Stats;

/// <summary>What one stats stream may cost.</summary>
public sealed class MetricsStreamOptions
{
    /// <summary>
    /// Bytes of one message. Default 64 MiB: Envoy sends one message per flush, and 1,000 busy clusters make about 10
    /// MiB. A longer one ends the stream.
    /// </summary>
    public int MessageLengthMax { get; set; } = 64 * 1024 * 1024;

    /// <summary>
    /// Bytes of one metric family, and of the identifier: what is kept while the rest of it has not come. Default 1
    /// MiB; a family of Envoy's has 100 to 500 bytes, an identifier with Istio's metadata a few 10 kB. A longer one
    /// ends the stream.
    /// </summary>
    public int FieldLengthMax { get; set; } = 1024 * 1024;

    /// <summary>
    /// Series kept per stream. Default 200,000, the stats of some 3,000 busy clusters; samples of series beyond it are
    /// counted and dropped.
    /// </summary>
    public int SeriesMax { get; set; } = 200_000;

    /// <summary>
    /// Bytes of series names kept per stream. Default 32 MiB, 160 bytes for each of 200,000 series; a series that does
    /// not fit is treated as one beyond the limit.
    /// </summary>
    public int NameBytesMax { get; set; } = 32 * 1024 * 1024;
}
