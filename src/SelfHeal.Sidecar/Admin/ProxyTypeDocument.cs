namespace SelfHeal.Sidecar.Admin;

/// <summary>How one type stands on one stream.</summary>
/// <param name="Type">Full name of the type.</param>
/// <param name="State"><c>not_sent</c>, <c>stale</c>, <c>synced</c> or <c>error</c>.</param>
/// <param name="SentVersion">Of the response that was sent last.</param>
/// <param name="AcceptedVersion">Of the response that was accepted last; empty if none was.</param>
/// <param name="Wildcard">Whether everything is asked for.</param>
/// <param name="Names">How many resources are asked for by name.</param>
/// <param name="Held">How many resources the proxy holds.</param>
/// <param name="Differs">In how many the proxy does not hold what is intended.</param>
/// <param name="UpdatedAt">When the state changed last; null if nothing was sent.</param>
/// <param name="Error">What the proxy said when it rejected what was sent last; null if it did not.</param>
internal sealed record ProxyTypeDocument(
    string Type,
    string State,
    string SentVersion,
    string AcceptedVersion,
    bool Wildcard,
    int Names,
    int Held,
    int Differs,
    DateTimeOffset? UpdatedAt,
    string? Error);
