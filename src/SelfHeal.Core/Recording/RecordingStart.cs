using System.Diagnostics.CodeAnalysis;
using SelfHeal.Core.Control;
using SelfHeal.Core.Time;

namespace SelfHeal.Core.Recording;

/// <summary>What the control loop was told once: the first chunk of every file of a recording.</summary>
public sealed record RecordingStart
{
    /// <summary>Where the recording comes from.</summary>
    public required RecordingOrigin Origin { get; init; }

    /// <summary>The options of the control loop.</summary>
    public required ControlLoopOptions Options { get; init; }

    /// <summary>The monotonic time at which the control loop was made.</summary>
    public required long StartedNanos { get; init; }

    /// <summary>The wall clock at which the control loop was made.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Entries of the ledger before this file; they follow in chunks of their own.</summary>
    public required int LedgerEntries { get; init; }

    /// <summary>Whether the file goes on where another one of the same recording ended.</summary>
    public required bool IsContinuation { get; init; }

    /// <summary>When the control loop was made.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public ControlTime Started => new(StartedNanos, StartedAt);

    /// <summary>The payload of the chunk.</summary>
    public byte[] Write() => RecordingJson.Write(this);

    /// <summary>Reads the payload of the chunk.</summary>
    /// <param name="payload">The bytes.</param>
    /// <param name="start">What they say.</param>
    /// <returns>False where they are none of this version.</returns>
    public static bool TryRead(ReadOnlySpan<byte> payload, [NotNullWhen(true)] out RecordingStart? start) =>
        RecordingJson.TryRead(payload, out start);
}
