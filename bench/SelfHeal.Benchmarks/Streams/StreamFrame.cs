namespace SelfHeal.Benchmarks.Streams;

/// <summary>One message of a recorded stats stream.</summary>
/// <param name="ArrivalNanos">When its last byte came, in nanoseconds of the Unix epoch.</param>
/// <param name="Message">An encoded <c>StreamMetricsMessage</c>.</param>
internal readonly record struct StreamFrame(ulong ArrivalNanos, byte[] Message);
