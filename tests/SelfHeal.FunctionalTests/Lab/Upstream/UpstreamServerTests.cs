using System.Net;
using SelfHeal.Core.Time;
using SelfHeal.Lab.Upstream;

namespace SelfHeal.FunctionalTests.Lab.Upstream;

[TestFixture]
[CancelAfter(60_000)]
public sealed class UpstreamServerTests
{
    [Test]
    public async Task Request_WhenHealthy_IsAnsweredWithTheVersion(CancellationToken cancellationToken)
    {
        await using var server = await StartAsync(cancellationToken);
        using var client = new HttpClient();
        using var response = await client.GetAsync(server.Address, cancellationToken);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(response.Headers.GetValues(UpstreamServer.VersionHeader), Is.EqualTo(["v2"]));
    }

    [Test]
    public async Task Request_WhenThreeInTenFail_FailsAboutThreeInTen(CancellationToken cancellationToken)
    {
        await using var server = await StartAsync(cancellationToken);
        server.Faults.Set(FaultPlan.Failing(300));
        using var client = new HttpClient();
        var failed = 0;
        for (var i = 0; i < 400; i++)
        {
            using var response = await client.GetAsync(server.Address, cancellationToken);
            failed += response.StatusCode == HttpStatusCode.InternalServerError ? 1 : 0;
        }

        Assert.That(failed, Is.InRange(80, 160));
        Assert.That(server.Failed, Is.EqualTo(failed));
        Assert.That(server.Requests.Total, Is.EqualTo(400));
    }

    [Test]
    public async Task Request_WithLatency_TakesAtLeastThatLong(CancellationToken cancellationToken)
    {
        await using var server = await StartAsync(cancellationToken);
        server.Faults.Set(new FaultPlan(0, TimeSpan.FromMilliseconds(120)));
        using var client = new HttpClient();
        var start = TimeProvider.System.GetTimestamp();
        using var response = await client.GetAsync(server.Address, cancellationToken);

        Assert.That(TimeProvider.System.GetElapsedTime(start).TotalMilliseconds, Is.GreaterThanOrEqualTo(110));
    }

    [Test]
    public async Task Requests_CountAfter_CountsOnlyLaterOnes(CancellationToken cancellationToken)
    {
        await using var server = await StartAsync(cancellationToken);
        using var client = new HttpClient();
        using (await client.GetAsync(server.Address, cancellationToken)) { }
        var between = TimeProvider.System.GetUtcNow();
        using (await client.GetAsync(server.Address, cancellationToken)) { }

        Assert.That(server.Requests.CountAfter(between), Is.EqualTo(1));
        Assert.That(server.Requests.FirstFrom(between), Is.GreaterThanOrEqualTo(between));
    }

    private static async Task<UpstreamServer> StartAsync(CancellationToken cancellationToken)
    {
        var server = new UpstreamServer("v2", 0, new SeededRandomSource(7), TimeProvider.System);
        await server.StartAsync(cancellationToken);
        return server;
    }
}
