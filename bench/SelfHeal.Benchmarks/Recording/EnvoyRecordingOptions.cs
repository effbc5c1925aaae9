namespace SelfHeal.Benchmarks.Recording;

/// <summary>Which stream to record.</summary>
internal sealed record EnvoyRecordingOptions
{
    /// <summary>What happens.</summary>
    public required EnvoyScenario Scenario { get; init; }

    /// <summary>All clusters: <c>payments-v1</c>, <c>payments-v2</c>, <c>selfheal</c> and services; 4 and more.
    /// </summary>
    public required int Clusters { get; init; }

    /// <summary>Services that get traffic besides payments.</summary>
    public required int Busy { get; init; }

    /// <summary>Flushes to keep.</summary>
    public required int Flushes { get; init; }

    /// <summary>Envoy's <c>stats_flush_interval</c>.</summary>
    public TimeSpan FlushInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long each rate of the changing load lasts.</summary>
    public TimeSpan LoadStep { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Tag-extracted names with labels (<c>emit_tags_as_labels</c>).</summary>
    public bool Labels { get; init; }

    /// <summary>Counters as deltas of the interval (<c>report_counters_as_deltas</c>).</summary>
    public bool Deltas { get; init; }

    /// <summary>Families per message (<c>batch_size</c>); 0 sends a flush in one.</summary>
    public int BatchSize { get; init; }
}
