using Microsoft.Extensions.Hosting;
using SelfHeal.Grpc;
using SelfHeal.Grpc.Health.V1;
using SelfHeal.Sidecar.Admin;

namespace SelfHeal.Sidecar.Judgement;

/// <summary>
/// Makes <c>grpc.health.v1</c> say what <c>/readyz</c> says: NOT_SERVING until the first configuration was accepted.
/// </summary>
/// <param name="board">Whether the process is ready.</param>
/// <param name="health">What clients are told.</param>
/// <param name="time">The clock.</param>
internal sealed class ReadinessHealth(IGatewayBoard board, GrpcHealth health, TimeProvider time) : BackgroundService
{
    // As fast as a load balancer probes; a look costs nothing.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private HealthCheckResponse.Types.ServingStatus? _told;

    /// <inheritdoc/>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        // Before the listeners open: GrpcHealth itself begins with SERVING.
        Look();
        return base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            Look();
    }

    private void Look()
    {
        var status = board.Readiness.Ready
            ? HealthCheckResponse.Types.ServingStatus.Serving
            : HealthCheckResponse.Types.ServingStatus.NotServing;
        if (status == _told)
            return;
        _told = status;
        health.Set("", status);
    }
}
