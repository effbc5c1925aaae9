using SelfHeal.Lab.Processes;

namespace SelfHeal.Lab.Swaps;

/// <summary>How a <see cref="SwapRun"/> goes.</summary>
public sealed record SwapOptions
{
    /// <summary>The Envoy, from <see cref="EnvoyBinary.Find"/>. Required.</summary>
    public required string Envoy { get; init; }

    /// <summary>The executable that serves. Required.</summary>
    public required SelfHealProgram SelfHeal { get; init; }

    /// <summary>An empty directory for configuration and logs. Required.</summary>
    public required string Directory { get; init; }

    /// <summary>How many swaps. Default 1,000; at least 1.</summary>
    public int Swaps { get; init; } = 1_000;

    /// <summary>Whether Envoy speaks the incremental variant. Default false.</summary>
    public bool Delta { get; init; }

    /// <summary>Draws the swaps. Default 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Requests per second all the while. Default 500; 1 to 10,000.</summary>
    public int RequestsPerSecond { get; init; } = 500;
}
