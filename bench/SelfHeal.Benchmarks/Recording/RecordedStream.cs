namespace SelfHeal.Benchmarks.Recording;

/// <summary>A stream under <c>bench/streams/</c>: its file's name and how it is made.</summary>
/// <param name="Name">The file's name without extension.</param>
/// <param name="Options">How it is made.</param>
internal sealed record RecordedStream(string Name, EnvoyRecordingOptions Options)
{
    /// <summary>All of them. The large ones are short, because a flush of 1,003 clusters has 600 kB.</summary>
    public static IReadOnlyList<RecordedStream> All { get; } =
    [
        Make("healthy-53", EnvoyScenario.Healthy, clusters: 53, busy: 10, flushes: 8),
        Make("healthy-253", EnvoyScenario.Healthy, clusters: 253, busy: 50, flushes: 5),
        Make("healthy-1003", EnvoyScenario.Healthy, clusters: 1_003, busy: 100, flushes: 4),
        Make("bad-canary-53", EnvoyScenario.BadCanary, clusters: 53, busy: 10, flushes: 8),
        Make("pool-exhaustion-53", EnvoyScenario.PoolExhaustion, clusters: 53, busy: 10, flushes: 8),
        Make("retry-storm-53", EnvoyScenario.RetryStorm, clusters: 53, busy: 10, flushes: 8),
        Make("healthy-253-labels", EnvoyScenario.Healthy, clusters: 253, busy: 50, flushes: 5, labels: true),
        Make("bad-canary-53-labels", EnvoyScenario.BadCanary, clusters: 53, busy: 10, flushes: 8, labels: true),
        Make("healthy-253-batch500", EnvoyScenario.Healthy, clusters: 253, busy: 50, flushes: 5, batch: 500),
        Make("bad-canary-53-deltas", EnvoyScenario.BadCanary, clusters: 53, busy: 10, flushes: 8, deltas: true),
    ];

    /// <summary>Ten minutes of a healthy gateway whose load jumps every 37 s.</summary>
    public static EnvoyRecordingOptions TenMinutes { get; } = new()
    {
        Scenario = EnvoyScenario.Healthy,
        Clusters = 53,
        Busy = 20,
        Flushes = 120,
        FlushInterval = TimeSpan.FromSeconds(5),
        LoadStep = TimeSpan.FromSeconds(37),
    };

    private static RecordedStream Make(
        string name,
        EnvoyScenario scenario,
        int clusters,
        int busy,
        int flushes,
        bool labels = false,
        bool deltas = false,
        int batch = 0) =>
        new(name, new EnvoyRecordingOptions
        {
            Scenario = scenario,
            Clusters = clusters,
            Busy = busy,
            Flushes = flushes,
            Labels = labels,
            Deltas = deltas,
            BatchSize = batch,
        });
}
