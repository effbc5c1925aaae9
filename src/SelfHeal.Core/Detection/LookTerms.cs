namespace SelfHeal.Core.Detection;

/// <summary>What a look compares with: the numbers behind m and k.</summary>
/// <param name="Baseline">p0: the expected ratio; of a fall, expected events in a millisecond.</param>
/// <param name="Shape">k of an own look, kc of a contrast.</param>
/// <param name="Source">Where the baseline comes from.</param>
/// <param name="BaselineEvents">Events behind it; 0 of a declared one.</param>
/// <param name="BaselineTotal">Trials behind it; 0 of a declared one.</param>
/// <param name="Falls">Whether trouble is that events are missing.</param>
internal readonly record struct LookTerms(
    double Baseline, double Shape, BaselineSource Source, double BaselineEvents, double BaselineTotal, bool Falls)
{
    /// <summary>The declared numbers, for judging without history.</summary>
    public static LookTerms Declared(DetectionOptions options, LookKind kind) => new(
        options.BaselineRatio,
        kind == LookKind.Contrast ? options.ContrastShape : options.Shape,
        BaselineSource.DeclaredDefault,
        0,
        0,
        Falls: false);
}
