using System.Collections.Immutable;
using SelfHeal.Core.Time;
using SelfHeal.Xds.Resources;

namespace SelfHeal.Xds.Sessions;

/// <summary>
/// Clusters or assignments that went together and are kept as long as routes may use them. The resources are shared by
/// all streams to which this happened.
/// </summary>
/// <param name="resources">Sorted by name.</param>
internal sealed class Lingering(ImmutableArray<XdsResource> resources)
{
    public ImmutableArray<XdsResource> Resources { get; set; } = resources;

    /// <summary>The first tick that saw them; null before it.</summary>
    public ControlTime? FirstSeen { get; set; }
}
