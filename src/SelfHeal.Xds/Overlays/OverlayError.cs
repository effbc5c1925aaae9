namespace SelfHeal.Xds.Overlays;

/// <summary>Why an overlay was not laid on; it is then left out as a whole, and the others stay.</summary>
/// <param name="OverlayId">The overlay.</param>
/// <param name="TypeUrl">The type of the resource that it selects.</param>
/// <param name="Resource">The resource's name.</param>
/// <param name="Message">What is missing or out of range, and what was expected.</param>
public sealed record OverlayError(string OverlayId, string TypeUrl, string Resource, string Message)
{
    /// <summary>Whether the source says something else of what it sets than when it was laid first: the source wins.
    /// </summary>
    public bool IsSourceChanged { get; init; }

    /// <summary>For logs: where and what.</summary>
    public override string ToString() => $"{Resources.TypeUrl.FullName(TypeUrl)} '{Resource}': {Message}";
}
