namespace SelfHeal.Lab.Load;

/// <summary>How much load to make, and where it ends by itself.</summary>
public sealed record LoadOptions
{
    /// <summary>Requests started per second. Default 200; 1 to 10,000.</summary>
    public int RequestsPerSecond { get; init; } = 200;

    /// <summary>
    /// Requests under way at most. Default 128 (at 200 a second every answer may take 640 ms); 1 to 4,096. Beyond it
    /// requests wait in a queue as long; beyond that they are shed and counted, never sent late.
    /// </summary>
    public int MaxInFlight { get; init; } = 128;

    /// <summary>When the load ends by itself. Default 10 minutes.</summary>
    public TimeSpan MaxDuration { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long one request may take. Default 5 s; longer counts as a transport error.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The path to ask for. Default <c>/pay</c>.</summary>
    public string Path { get; init; } = "/pay";

    /// <summary>The host to ask for. Null: the address that requests go to. Default null.</summary>
    public string? Host { get; init; }
}
