using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace SelfHeal.FunctionalTests.Sidecar;

[CancelAfter(60_000)]
internal sealed class HostStopTests
{
    [Test]
    public async Task Stop_StreamThatListens_EndsCleanlyAndAtOnce(CancellationToken cancellationToken)
    {
        await using var host = await TestHost.StartAsync(TestHost.OptionsOnLoopback(), routes =>
            routes.Map("/stream", async context =>
            {
                await context.Response.WriteAsync("begin,", context.RequestAborted);
                var lifetime = context.RequestServices.GetRequiredService<IHostApplicationLifetime>();
                var stopping = new TaskCompletionSource();
                await using var registration = lifetime.ApplicationStopping.Register(stopping.SetResult);
                await stopping.Task;
                await context.Response.WriteAsync("end", CancellationToken.None);
            }));
        var (stream, elapsed) = await StopDuringStreamAsync(host, cancellationToken);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await stream, Is.EqualTo("begin,end"));
            Assert.That(elapsed, Is.LessThan(TimeSpan.FromSeconds(3)));
        }
    }

    [Test]
    public async Task Stop_StreamThatNeverEnds_IsCutWithinFiveSeconds(CancellationToken cancellationToken)
    {
        await using var host = await TestHost.StartAsync(TestHost.OptionsOnLoopback(), routes =>
            routes.Map("/stream", async context =>
            {
                await context.Response.WriteAsync("begin,", context.RequestAborted);
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            }));
        var (stream, elapsed) = await StopDuringStreamAsync(host, cancellationToken);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(async () => await stream, Throws.InstanceOf<Exception>());
            Assert.That(elapsed, Is.LessThan(TimeSpan.FromSeconds(5)));
        }
    }

    private static async Task<(Task<string> Body, TimeSpan Elapsed)> StopDuringStreamAsync(
        TestHost host, CancellationToken cancellationToken)
    {
        using var client = host.CreateXdsClient();
        using var response = await client.GetAsync(
            new Uri("/stream", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        var body = response.Content.ReadAsStringAsync(cancellationToken);
        using var stop = new CancellationTokenSource();
        var waiting = host.Host.WaitForStopAsync(stop.Token);
        var asked = Stopwatch.GetTimestamp();
        await stop.CancelAsync();
        await waiting.WaitAsync(cancellationToken);
        var elapsed = Stopwatch.GetElapsedTime(asked);
        await Task.WhenAny(body).WaitAsync(cancellationToken);
        return (body, elapsed);
    }
}
