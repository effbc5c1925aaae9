namespace SelfHeal.Sidecar.Config;

/// <summary>Whether a request may be sent twice without harm.</summary>
internal enum StateSensitivity
{
    /// <summary>No protection against repetition; nothing that can repeat a request may touch it.</summary>
    None,

    /// <summary>Requests carry an idempotency key, so a repeated one has no second effect.</summary>
    Keyed,
}
