namespace SelfHeal.Core.Actions;

/// <summary>
/// What an action has achieved against a cause: Beta(1 + resolved, 1 + failed), so that no history is worth one half.
/// </summary>
/// <param name="Resolved">Contracts passed.</param>
/// <param name="Failed">Contracts failed.</param>
public readonly record struct Efficacy(int Resolved, int Failed)
{
    /// <summary>The mean, in parts per million.</summary>
    public int MeanPpm => (int)(1_000_000L * (1 + Resolved) / (2 + Resolved + Failed));
}
