namespace SelfHeal.Core.Recording;

/// <summary>Where a recording comes from.</summary>
public enum RecordingOrigin
{
    /// <summary>A control loop that was running: its effects and the world's answers to them are in it.</summary>
    Served,

    /// <summary>Frames that somebody else kept: telemetry alone, no answer to anything that a replay does.</summary>
    Imported,
}
