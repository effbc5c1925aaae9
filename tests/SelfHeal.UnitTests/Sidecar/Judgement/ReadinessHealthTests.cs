using System.Collections.Immutable;
using SelfHeal.Grpc;
using SelfHeal.Grpc.Health.V1;
using SelfHeal.Sidecar.Admin;
using SelfHeal.Sidecar.Judgement;
using SelfHeal.UnitTests.Grpc;

namespace SelfHeal.UnitTests.Sidecar.Judgement;

internal sealed class ReadinessHealthTests
{
    [Test]
    [CancelAfter(30_000)]
    public async Task Look_FirstConfigurationAccepted_BecomesServing(CancellationToken cancellationToken)
    {
        var board = new Board();
        var health = new GrpcHealth();
        var time = new ManualTimeProvider();
        using var service = new ReadinessHealth(board, health, time);

        await service.StartAsync(cancellationToken);
        Assert.That(health.Get(""), Is.EqualTo(HealthCheckResponse.Types.ServingStatus.NotServing));

        board.IsReady = true;
        await UntilAsync(() => time.Armed > 0, cancellationToken);
        time.Advance(TimeSpan.FromSeconds(1));
        await UntilAsync(
            () => health.Get("") == HealthCheckResponse.Types.ServingStatus.Serving, cancellationToken);
        await service.StopAsync(cancellationToken);
    }

    private static async Task UntilAsync(Func<bool> isSo, CancellationToken cancellationToken)
    {
        while (!isSo())
        {
            cancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private sealed class Board : IGatewayBoard
    {
        private volatile bool _isReady;

        public bool IsReady
        {
            set => _isReady = value;
        }

        public Readiness Readiness => new(_isReady, [], JudgementState.Unattended);

        public ImmutableArray<ProxyStatus> Proxies => [];

        public ImmutableArray<RouteStatus> Routes => [];

        public ImmutableArray<OverlayStatus> Overlays => [];

        public ImmutableArray<GroupStatus> Groups => [];
    }
}
