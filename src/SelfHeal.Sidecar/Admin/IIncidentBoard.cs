using System.Collections.Immutable;

namespace SelfHeal.Sidecar.Admin;

/// <summary>
/// What the admin API knows of incidents. The running process answers from a projection of the ledger, tests from
/// memory. Every member may be called from any thread at any time.
/// </summary>
internal interface IIncidentBoard
{
    /// <summary>All incidents, newest first.</summary>
    ImmutableArray<IncidentSummary> Incidents { get; }

    /// <summary>One incident; null when there is none of that id.</summary>
    /// <param name="incidentId">Any text a caller sent.</param>
    IncidentDocument? Find(string incidentId);

    /// <summary>
    /// All ledger entries linked to an incident, as UTF-8 JSON; null when there is none of that id.
    /// </summary>
    /// <param name="incidentId">Any text a caller sent.</param>
    /// <param name="cancellationToken">The caller has gone.</param>
    ValueTask<byte[]?> ReadEntriesAsync(string incidentId, CancellationToken cancellationToken);
}
