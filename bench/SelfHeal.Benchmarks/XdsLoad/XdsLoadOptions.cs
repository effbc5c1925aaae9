using System.Text.Json;

namespace SelfHeal.Benchmarks.XdsLoad;

/// <summary>What the process of load clients does; it travels as the one argument of <c>xds-client</c>.</summary>
internal sealed record XdsLoadOptions
{
    /// <summary>Where the server listens on loopback.</summary>
    public required int Port { get; init; }

    /// <summary>Where <c>POST /bump?type=cds</c> changes one resource; 0 when nothing is pushed.</summary>
    public int ControlPort { get; init; }

    /// <summary>Envoys: connections with one ADS stream each.</summary>
    public required int Streams { get; init; }

    /// <summary>Clusters that each must get.</summary>
    public required int Clusters { get; init; }

    /// <summary>The incremental variant; else the state of the world.</summary>
    public required bool IsDelta { get; init; }

    /// <summary>Whether each also asks for the endpoints of all clusters, as Envoy does when it has them.</summary>
    public bool WithEndpoints { get; init; }

    /// <summary>Pushes before those that count.</summary>
    public int WarmPushes { get; init; }

    /// <summary>Pushes that count.</summary>
    public int Pushes { get; init; }

    /// <summary>
    /// Quiet time before each push, in which ACKs are taken; more than 100 ms, or our server puts pushes together.
    /// </summary>
    public TimeSpan Gap { get; init; } = TimeSpan.FromMilliseconds(150);

    /// <summary>Additional clients that subscribe and never read.</summary>
    public int Stalled { get; init; }

    /// <summary>How long to stay connected at the end.</summary>
    public TimeSpan Hold { get; init; }

    /// <summary>Streams that are cut and opened anew each second while holding; each then syncs from nothing.</summary>
    public int ReconnectsPerSecond { get; init; }

    /// <summary>How long a sync or a push may take before the run is given up.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Where the result goes.</summary>
    public string ResultFile { get; init; } = "";

    /// <summary>Where a line appears as soon as all streams are synchronized.</summary>
    public string SyncedFile { get; init; } = "";

    public string ToArgument() => JsonSerializer.Serialize(this);

    public static XdsLoadOptions Parse(string argument) => JsonSerializer.Deserialize<XdsLoadOptions>(argument)
        ?? throw new InvalidOperationException("xds-client takes its options as a JSON object");
}
