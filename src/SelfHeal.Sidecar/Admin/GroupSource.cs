using System.Text.Json.Serialization;

namespace SelfHeal.Sidecar.Admin;

/// <summary>Where what a group is served comes from.</summary>
[JsonConverter(typeof(SnakeCaseEnumConverter<GroupSource>))]
internal enum GroupSource
{
    /// <summary>Nothing is served.</summary>
    None,

    /// <summary>The group's directory.</summary>
    Directory,

    /// <summary>What proxies accepted last, as it is kept on disk.</summary>
    Disk,
}
