namespace SelfHeal.Sidecar.Metrics;

/// <summary>The tags of one series, in the order in which a measurement brought them.</summary>
/// <param name="Tags">Never changed after construction.</param>
internal readonly record struct TagSet(KeyValuePair<string, object?>[] Tags);
