namespace SelfHeal.Sidecar.Overlays;

/// <summary>What came of a request to lay or to withdraw.</summary>
/// <param name="State">What became of the overlay; refused means that everything is as it was before.</param>
/// <param name="Problem">Why it was refused: what, where, and what was expected; empty otherwise.</param>
internal readonly record struct OverlayAnswer(OverlayState State, string Problem)
{
    /// <summary>Everything stays as it was.</summary>
    public static OverlayAnswer Refused(string problem) => new(OverlayState.Refused, problem);
}
