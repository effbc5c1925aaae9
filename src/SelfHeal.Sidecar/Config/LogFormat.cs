namespace SelfHeal.Sidecar.Config;

/// <summary>How log lines look.</summary>
internal enum LogFormat
{
    /// <summary>One readable line per event.</summary>
    Console,

    /// <summary>One JSON object per line.</summary>
    Json,
}
