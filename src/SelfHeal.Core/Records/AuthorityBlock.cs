using System.Collections.Immutable;

namespace SelfHeal.Core.Records;

/// <summary>Who decided, by what right.</summary>
/// <param name="Actor">Always the software itself until a human approves on its behalf.</param>
/// <param name="Instance">The process: host and start, as handed in.</param>
/// <param name="SoftwareVersion">The version of SelfHeal.</param>
/// <param name="PolicyVersion">The policy's name.</param>
/// <param name="PolicyHash">SHA-256 of the policy and detection sections as read, canonical.</param>
/// <param name="PolicyApprovers">Who approved the policy.</param>
/// <param name="Ring">The ring of what is done.</param>
/// <param name="RingCeiling">The service's ceiling.</param>
public sealed record AuthorityBlock(
    string Actor,
    string Instance,
    string SoftwareVersion,
    string PolicyVersion,
    string PolicyHash,
    ImmutableArray<string> PolicyApprovers,
    int Ring,
    int RingCeiling);
