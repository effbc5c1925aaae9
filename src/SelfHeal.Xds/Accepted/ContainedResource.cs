namespace SelfHeal.Xds.Accepted;

/// <summary>A resource that is not served as it was meant to be.</summary>
/// <param name="TypeUrl">Its type.</param>
/// <param name="Name">Its name.</param>
/// <param name="Measure">What is served instead.</param>
/// <param name="Reason">Why, as part of a sentence.</param>
public sealed record ContainedResource(string TypeUrl, string Name, ContainmentMeasure Measure, string Reason);
