namespace SelfHeal.Sidecar.Xds;

/// <summary>The open streams, counted.</summary>
/// <param name="Streams">How many there are.</param>
/// <param name="Subscriptions">How many ask for a type, by its label and the variant.</param>
/// <param name="Resources">How many resources they hold or ask for by name, by the label of the type.</param>
/// <param name="OutOfSync">How many proxies have not accepted all that they were sent.</param>
internal sealed record XdsTally(
    int Streams,
    IReadOnlyDictionary<(string Type, string Variant), int> Subscriptions,
    IReadOnlyDictionary<string, long> Resources,
    int OutOfSync);
