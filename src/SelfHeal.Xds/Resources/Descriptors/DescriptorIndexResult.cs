using System.Collections.Immutable;

namespace SelfHeal.Xds.Resources.Descriptors;

/// <summary>What came out of a list of descriptor sets.</summary>
/// <param name="Index">The types; null if there are errors.</param>
/// <param name="Errors">Everything that is wrong, in the order of the sets; empty when all is well.</param>
public sealed record DescriptorIndexResult(DescriptorIndex? Index, ImmutableArray<ResourceError> Errors);
