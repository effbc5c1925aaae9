namespace SelfHeal.Sidecar.Overlays;

/// <summary>What became of an overlay.</summary>
internal enum OverlayState
{
    /// <summary>It will be in what is served first; nothing is served yet.</summary>
    Waiting,

    /// <summary>It is in what is being served.</summary>
    Laid,

    /// <summary>It does not fit, so what is being served is without it.</summary>
    Refused,

    /// <summary>It was taken away.</summary>
    Withdrawn,
}
