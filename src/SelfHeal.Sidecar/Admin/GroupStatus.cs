using System.Collections.Immutable;
using System.Text.Json.Serialization;
using SelfHeal.Xds.Accepted;

namespace SelfHeal.Sidecar.Admin;

/// <summary>What one group of nodes is served, has accepted, and could go back to.</summary>
/// <param name="Group">The group's name.</param>
/// <param name="Streams">How many xDS streams of it are open.</param>
/// <param name="Source">Where what is served comes from: the directory, the disk, or nowhere yet.</param>
/// <param name="Served">The version of what is served; empty if nothing is.</param>
/// <param name="Accepted">The version of what was accepted last; empty if nothing was.</param>
/// <param name="Phase">How far what is served has come on its way to be a last-known-good.</param>
/// <param name="Verified">The version of the last-known-good; empty if there is none.</param>
/// <param name="VerifiedSince">Since when that has been one.</param>
/// <param name="Generations">How many files of what it accepted are kept.</param>
/// <param name="Quarantined">Contents that proxies rejected and that it is not served.</param>
/// <param name="Problems">Everything that a human should know of it.</param>
internal sealed record GroupStatus(
    string Group,
    int Streams,
    GroupSource Source,
    string Served,
    string Accepted,
    [property: JsonConverter(typeof(SnakeCaseEnumConverter<VerifiedPhase>))] VerifiedPhase Phase,
    string Verified,
    DateTimeOffset? VerifiedSince,
    int Generations,
    ImmutableArray<QuarantineStatus> Quarantined,
    ImmutableArray<string> Problems);
