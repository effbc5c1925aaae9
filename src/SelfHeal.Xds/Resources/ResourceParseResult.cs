using System.Collections.Immutable;

namespace SelfHeal.Xds.Resources;

/// <summary>What came out of a set of resource files.</summary>
/// <param name="Resources">The resources that parsed, in the order of the files.</param>
/// <param name="Errors">Every error of every file, in the order of the files; empty when all is well.</param>
/// <param name="Locations">Where each resource and field stands, to place errors that are found later.</param>
public sealed record ResourceParseResult(
    ImmutableArray<XdsResource> Resources,
    ImmutableArray<ResourceError> Errors,
    ResourceLocations Locations);
