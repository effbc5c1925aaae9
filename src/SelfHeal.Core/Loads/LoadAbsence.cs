namespace SelfHeal.Core.Loads;

/// <summary>
/// What it means that a proxy's report has a cluster but not one of its localities. Envoy's reporter leaves out
/// localities without load, and what counts as load has changed: requests issued or under way since 1.37
/// (envoyproxy/envoy#41786), requests issued alone from 1.34 (envoyproxy/envoy#38094). Within a locality that is
/// reported an endpoint is left out only when it has none of either, in every version.
/// </summary>
public enum LoadAbsence
{
    /// <summary>Nothing was issued in the period. Requests may still be under way: no more than were before, since
    /// nothing was added.</summary>
    NothingIssued,

    /// <summary>Nothing was issued in the period, and nothing is under way.</summary>
    NothingUnderWay,
}
