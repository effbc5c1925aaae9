using System.Collections.Immutable;

namespace SelfHeal.Xds.Sessions;

/// <summary>Where one type stands on one stream.</summary>
/// <param name="TypeUrl">The type.</param>
/// <param name="Wildcard">Whether the client asks for every resource.</param>
/// <param name="Names">The names that it asks for, sorted.</param>
/// <param name="Held">What it acknowledged.</param>
/// <param name="Unanswered">The nonce of the response that it has not answered; null if there is none.</param>
/// <param name="LastRejection">Its latest NACK, null once later content was accepted.</param>
public sealed record SubscriptionStatus(
    string TypeUrl,
    bool Wildcard,
    ImmutableArray<string> Names,
    ClientContents Held,
    string? Unanswered,
    SessionEvent.Rejected? LastRejection);
