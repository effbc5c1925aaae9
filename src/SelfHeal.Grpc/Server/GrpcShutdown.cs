using Microsoft.Extensions.Hosting;

namespace SelfHeal.Grpc;

/// <summary>
/// Ends live calls with UNAVAILABLE when the host begins to stop, before Kestrel waits for its streams; calls that
/// come later get the same answer at once. <see cref="GrpcEndpointRouteBuilderExtensions.MapGrpc"/> takes it from the
/// services, or makes one when there is none.
/// </summary>
public sealed class GrpcShutdown : IDisposable
{
    /// <summary>What clients are told.</summary>
    public static readonly GrpcStatus Status = new(GrpcStatusCode.Unavailable, "the server is shutting down");

    private readonly CancellationTokenSource _begun = new();
    private readonly CancellationTokenRegistration _registration;

    /// <summary>Follows the lifetime of a host.</summary>
    /// <param name="lifetime">Null means that only <see cref="Begin"/> ends calls.</param>
    public GrpcShutdown(IHostApplicationLifetime? lifetime) =>
        _registration = lifetime?.ApplicationStopping.Register(Begin) ?? default;

    /// <summary>Fires when the shutdown begins.</summary>
    public CancellationToken Token => _begun.Token;

    /// <summary>Ends live calls now, for example to drain before the host stops; may be called again.</summary>
    public void Begin() => _begun.Cancel();

    /// <inheritdoc/>
    public void Dispose()
    {
        _registration.Dispose();
        _begun.Dispose();
    }
}
