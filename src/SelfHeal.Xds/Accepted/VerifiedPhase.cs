namespace SelfHeal.Xds.Accepted;

/// <summary>How far what is served has come on its way to be a last-known-good.</summary>
public enum VerifiedPhase
{
    /// <summary>Nothing is served, nobody takes it, or what is served was rejected in part.</summary>
    Unproven,

    /// <summary>Not every proxy has acknowledged all of it.</summary>
    AwaitingAck,

    /// <summary>It is acknowledged and must now last.</summary>
    Soaking,

    /// <summary>It has lasted and waits for requests to flow.</summary>
    AwaitingTraffic,

    /// <summary>It is the last-known-good.</summary>
    Verified,
}
