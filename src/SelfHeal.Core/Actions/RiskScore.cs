namespace SelfHeal.Core.Actions;

/// <summary>
/// Risk in five dimensions, each in parts per million of [0, 1] and kept with the score:
/// risk = (25 R + 20 S + 25 B + 15 (1 - C) + 15 (1 - E)) / 100.
/// </summary>
/// <param name="IrreversibilityPpm">R: 0 withdrawn by one push, 0.1 reversible with side effects, 0.5 not reversible
/// but contained, 1 destructive.</param>
/// <param name="StateSensitivityPpm">S: what it does to requests in flight or repeated; 1 is a veto.</param>
/// <param name="BlastRadiusPpm">B: share of the service's traffic that is touched.</param>
/// <param name="ConfidencePpm">C: calibrated confidence that it addresses the cause.</param>
/// <param name="EfficacyPpm">E: how often it has resolved this cause.</param>
public readonly record struct RiskScore(
    int IrreversibilityPpm,
    int StateSensitivityPpm,
    int BlastRadiusPpm,
    int ConfidencePpm,
    int EfficacyPpm)
{
    private const int Million = 1_000_000;

    /// <summary>The score in parts per million, rounded half up.</summary>
    public int RiskPpm
    {
        get
        {
            var sum = (25L * IrreversibilityPpm) + (20L * StateSensitivityPpm) + (25L * BlastRadiusPpm)
                + (15L * (Million - ConfidencePpm)) + (15L * (Million - EfficacyPpm));
            return (int)((sum + 50) / 100);
        }
    }

    /// <summary>State sensitivity 1 vetoes the action at any risk.</summary>
    public bool IsVetoed => StateSensitivityPpm >= Million;
}
