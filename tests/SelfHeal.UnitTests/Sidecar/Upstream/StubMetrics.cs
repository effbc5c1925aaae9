using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace SelfHeal.UnitTests.Sidecar.Upstream;

/// <summary>An upstream whose metrics are what a test says.</summary>
internal sealed class StubMetrics : IAsyncDisposable
{
    private readonly WebApplication _server;
    private int _asked;

    private StubMetrics()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _server = builder.Build();
        _server.Run(async context =>
        {
            Interlocked.Increment(ref _asked);
            Accept = context.Request.Headers.Accept.ToString();
            await Answer(context);
        });
    }

    /// <summary>Answers a request.</summary>
    public Func<HttpContext, Task> Answer { get; set; } = static _ => Task.CompletedTask;

    /// <summary>The format that was asked for last.</summary>
    public string Accept { get; private set; } = "";

    /// <summary>How often it was asked.</summary>
    public int Asked => Volatile.Read(ref _asked);

    public string Address => _server.Urls.Single() + "/metrics";

    public static async Task<StubMetrics> StartAsync()
    {
        var stub = new StubMetrics();
        await stub._server.StartAsync();
        return stub;
    }

    /// <summary>From now on it says this.</summary>
    public void Say(string text) => Answer = context =>
    {
        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8; escaping=underscores";
        return context.Response.WriteAsync(text);
    };

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
