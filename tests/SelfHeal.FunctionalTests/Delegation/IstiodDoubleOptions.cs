using SelfHeal.Grpc;

namespace SelfHeal.FunctionalTests.Delegation;

/// <summary>How a double of Istiod listens, and what it refuses.</summary>
internal sealed record IstiodDoubleOptions
{
    /// <summary>Clock of versions, ages, limits and debouncing. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Port on 127.0.0.1. Default 0: the system chooses one, which is kept when the double starts again.
    /// </summary>
    public int Port { get; init; }

    /// <summary>TLS; null, the default: cleartext.</summary>
    public GrpcServerTls? Tls { get; init; }

    /// <summary>Whether it is ready from the start. Default true; else <see cref="IstiodDouble.MarkSynced"/> makes it.
    /// </summary>
    public bool IsSynced { get; init; } = true;

    /// <summary>
    /// Age at which a connection is sent a GOAWAY; 10 s later it is closed, whatever runs on it. Default 30 min, as
    /// Istiod's own (which varies it by a tenth); null for no limit.
    /// </summary>
    public TimeSpan? ConnectionAgeMax { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>New streams per second, one at a time; a stream waits up to 1 s for its turn. Null, the default: no
    /// limit.</summary>
    public double? StreamsPerSecond { get; init; }

    /// <summary>Quiet time after which pushes go out, merged to one. Null, the default: each goes out at once.
    /// Istiod has 100 ms, and 10 s for changes without end.</summary>
    public TimeSpan? Debounce { get; init; }
}
