using SelfHeal.Grpc;

namespace SelfHeal.FunctionalTests.Delegation;

/// <summary>Who may open a stream: nobody before the caches are filled, and not too many at once. Thread-safe.
/// </summary>
internal sealed class IstiodAdmission(IstiodDoubleOptions options)
{
    private const string NotReady = "server is not ready to serve discovery information";
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private DateTimeOffset _next = DateTimeOffset.MinValue;
    private volatile bool _isSynced = options.IsSynced;

    public bool IsSynced
    {
        get => _isSynced;
        set => _isSynced = value;
    }

    /// <summary>Lets a stream in, late if need be.</summary>
    /// <exception cref="GrpcException">It is refused.</exception>
    public async Task AdmitAsync(bool isDelta, CancellationToken cancellationToken)
    {
        // In delta Istiod returns an error without a code, of which grpc-go makes UNKNOWN.
        if (!_isSynced)
            throw new GrpcException(isDelta ? GrpcStatusCode.Unknown : GrpcStatusCode.Unavailable, NotReady);
        if (options.StreamsPerSecond is not { } rate)
            return;
        var wait = Reserve(TimeSpan.FromSeconds(1 / rate));
        if (wait > WaitMax)
        {
            throw new GrpcException(
                GrpcStatusCode.ResourceExhausted,
                "request rate limit exceeded: rate: Wait(n=1) would exceed context deadline");
        }
        if (wait > TimeSpan.Zero)
            await Task.Delay(wait, options.TimeProvider, cancellationToken);
    }

    private TimeSpan Reserve(TimeSpan interval)
    {
        lock (_lock)
        {
            var now = options.TimeProvider.GetUtcNow();
            var turn = _next > now ? _next : now;
            // Who would wait too long takes nobody's turn.
            if (turn - now <= WaitMax)
                _next = turn + interval;
            return turn - now;
        }
    }
}
