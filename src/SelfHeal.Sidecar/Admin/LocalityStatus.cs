namespace SelfHeal.Sidecar.Admin;

/// <summary>One locality's part of a cluster's traffic.</summary>
/// <param name="Region">May be empty, as the next two.</param>
/// <param name="Zone">The zone.</param>
/// <param name="SubZone">The part of the zone.</param>
/// <param name="Priority">Of its endpoints in the cluster.</param>
/// <param name="InProgress">Requests under way as last reported.</param>
/// <param name="Issued">Requests sent there in the periods that are summed.</param>
/// <param name="Share">Its part of what was sent.</param>
/// <param name="ErrorShare">Errors among the requests that ended; null when none did.</param>
internal sealed record LocalityStatus(
    string Region,
    string Zone,
    string SubZone,
    int Priority,
    long InProgress,
    long Issued,
    double Share,
    double? ErrorShare);
