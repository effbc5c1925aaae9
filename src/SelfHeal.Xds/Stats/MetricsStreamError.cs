namespace SelfHeal.Xds.Stats;

/// <summary>What is wrong with a stats stream, and where.</summary>
/// <param name="Code">What; <see cref="MetricsStreamErrorCode.None"/> where nothing is.</param>
/// <param name="Message">The message, 0 for the stream's first.</param>
/// <param name="Offset">The byte of the message at which the offending element begins.</param>
public readonly record struct MetricsStreamError(MetricsStreamErrorCode Code, long Message, long Offset)
{
    /// <summary>Whether nothing is wrong.</summary>
    public bool IsNone => Code == MetricsStreamErrorCode.None;
}
