using SelfHeal.Sidecar.Config;
using SelfHeal.Xds.Accepted;
using SelfHeal.Xds.Groups;

namespace SelfHeal.Sidecar.Composition;

/// <summary>Translates the options of what is served to whom.</summary>
internal static class XdsGroups
{
    /// <summary>Which node is served what.</summary>
    /// <param name="options">The configuration.</param>
    public static NodeGroups Of(XdsOptions options) => new(
        options.Groups.Select(static group => new NodeGroup(group.Name, Of(group.Match), group.Resources)),
        options.Resources);

    /// <summary>What a last-known-good must prove.</summary>
    /// <param name="settings">The configuration.</param>
    public static VerifiedOptions Of(VerifiedSettings settings) => new()
    {
        SoakMin = settings.SoakMin,
        FailureLatency = settings.FailureLatency,
        RequestsMin = settings.RequestsMin,
        AgeMax = settings.AgeMax,
    };

    private static NodeMatch Of(NodeMatchOptions match) => new()
    {
        Id = match.Id is null ? null : new GlobPattern(match.Id),
        Cluster = match.Cluster is null ? null : new GlobPattern(match.Cluster),
        Region = match.Region,
        Zone = match.Zone,
        SubZone = match.SubZone,
        Metadata = match.Metadata,
    };
}
