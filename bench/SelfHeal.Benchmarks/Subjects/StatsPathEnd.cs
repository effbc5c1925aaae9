namespace SelfHeal.Benchmarks.Subjects;

/// <summary>How far a <see cref="StatsPath"/> goes.</summary>
internal enum StatsPathEnd
{
    /// <summary>The reader alone: bytes to batches.</summary>
    Batches,

    /// <summary>Bytes to updated windows.</summary>
    Windows,

    /// <summary>Bytes to verdicts.</summary>
    Verdicts,
}
