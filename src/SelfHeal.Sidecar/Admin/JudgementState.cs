using System.Text.Json.Serialization;

namespace SelfHeal.Sidecar.Admin;

/// <summary>Whether somebody looks at the signals.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<JudgementState>))]
internal enum JudgementState
{
    /// <summary>The control loop runs.</summary>
    [JsonStringEnumMemberName("attended")]
    Attended,

    /// <summary>The control loop has stopped: overlays stay as they are and nothing new is written.</summary>
    [JsonStringEnumMemberName("unattended")]
    Unattended,
}
