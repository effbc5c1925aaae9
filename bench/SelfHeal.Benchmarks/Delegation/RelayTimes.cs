namespace SelfHeal.Benchmarks.Delegation;

/// <summary>How long pushes took to their client, in milliseconds.</summary>
/// <param name="Bytes">Of one message.</param>
/// <param name="Direct">From the upstream itself.</param>
/// <param name="Relayed">Through the relay, in turns with the others.</param>
internal sealed record RelayTimes(long Bytes, IReadOnlyList<double> Direct, IReadOnlyList<double> Relayed)
{
    /// <summary>What the relay adds at a share of both.</summary>
    public double Added(double share) => Quantile(Relayed, share) - Quantile(Direct, share);

    public static double Quantile(IReadOnlyList<double> times, double share) =>
        times.Order().ElementAt(Math.Min(times.Count - 1, (int)(times.Count * share)));
}
