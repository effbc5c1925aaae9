namespace SelfHeal.Sidecar.Demo;

/// <summary>How long the parts of a run may take; every wait of the demo has its bound here.</summary>
internal static class DemoTiming
{
    /// <summary>How often the demo looks.</summary>
    public static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Flushes before the onset: the first of a stream gives no delta, the others are the healthy blocks.
    /// </summary>
    private const int WarmUpFlushes = 3;

    /// <summary>
    /// The healthy part. The half second lets the last of the flushes arrive; <paramref name="fraction"/>, 0 to 1,000,
    /// then places the onset anywhere within a flush.
    /// </summary>
    public static TimeSpan WarmUp(DemoOptions options, int fraction) =>
        (options.Flush * WarmUpFlushes) + TimeSpan.FromMilliseconds(500) + (options.Flush * (fraction / 1000.0));

    /// <summary>
    /// From the onset to the first verdict: many times what the loop needs, even at 1 minute of flush.
    /// </summary>
    public static TimeSpan Detection(DemoOptions options) => (options.Flush * 6) + TimeSpan.FromSeconds(30);

    /// <summary>How long a change of the VirtualService may take to reach the data plane; it takes a second.</summary>
    public static readonly TimeSpan Takeover = TimeSpan.FromSeconds(15);

    /// <summary>How long a run watches after a recommendation that nothing is changed after all.</summary>
    public static TimeSpan Watch(DemoOptions options) => options.Flush * 2;

    /// <summary>From the onset to the end: detection, the contract until its deadline, and a rollback.</summary>
    public static TimeSpan AfterOnset(DemoOptions options) =>
        Detection(options) + (options.ContractWindow * 2) + (options.Flush * 3) + TimeSpan.FromSeconds(15);

    /// <summary>The whole of a run.</summary>
    public static TimeSpan MaxRun(DemoOptions options) =>
        WarmUp(options, 1000) + AfterOnset(options) + Watch(options) + (Takeover * 2);
}
