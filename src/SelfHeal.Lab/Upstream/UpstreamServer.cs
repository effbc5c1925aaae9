using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SelfHeal.Core.Time;
using SelfHeal.Lab.Load;

namespace SelfHeal.Lab.Upstream;

/// <summary>
/// A small real HTTP/1.1 service of one version on loopback. It answers 200, or 500 as its <see cref="FaultSwitch"/>
/// says, names its version in the header <c>x-version</c>, and remembers when each request reached it.
/// </summary>
public sealed class UpstreamServer : IAsyncDisposable
{
    /// <summary>The response header that names the version.</summary>
    public const string VersionHeader = "x-version";

    private readonly IRandomSource _random;
    private readonly TimeProvider _time;
    private readonly Lock _randomLock = new();
    private readonly WebApplication _server;
    private long _failed;

    /// <summary>Prepares the server; nothing listens before <see cref="StartAsync"/>.</summary>
    /// <param name="version">The version's name, such as <c>v2</c>.</param>
    /// <param name="port">The loopback port; 0 takes a free one.</param>
    /// <param name="random">Decides which requests fail.</param>
    /// <param name="time">Stamps requests and delays answers.</param>
    public UpstreamServer(string version, int port, IRandomSource random, TimeProvider time)
    {
        ArgumentException.ThrowIfNullOrEmpty(version);
        ArgumentNullException.ThrowIfNull(random);
        ArgumentNullException.ThrowIfNull(time);
        Version = version;
        _random = random;
        _time = time;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IHostLifetime, LabHostLifetime>();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http1));
        _server = builder.Build();
        _server.Run(AnswerAsync);
    }

    /// <summary>The version that it names in every answer.</summary>
    public string Version { get; }

    /// <summary>Its behaviour; healthy at first.</summary>
    public FaultSwitch Faults { get; } = new();

    /// <summary>When each request reached it.</summary>
    public InstantLog Requests { get; } = new();

    /// <summary>How many requests it answered with 500.</summary>
    public long Failed => Volatile.Read(ref _failed);

    /// <summary>Where it listens; known once it was started.</summary>
    public Uri Address => new(_server.Urls.First());

    /// <summary>Starts to listen.</summary>
    /// <param name="cancellationToken">Gives up starting.</param>
    public Task StartAsync(CancellationToken cancellationToken) => _server.StartAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        Requests.Add(_time.GetUtcNow());
        var plan = Faults.Plan;
        var fails = plan.FailPerMille > 0 && Draw() < plan.FailPerMille;
        if (plan.Latency > TimeSpan.Zero)
            await Task.Delay(plan.Latency, _time, context.RequestAborted);

        if (fails)
        {
            Interlocked.Increment(ref _failed);
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        }

        var body = string.Create(CultureInfo.InvariantCulture, $"{Version} {context.Response.StatusCode}\n");
        context.Response.Headers[VersionHeader] = Version;
        context.Response.ContentLength = body.Length;
        await context.Response.WriteAsync(body, context.RequestAborted);
    }

    private int Draw()
    {
        lock (_randomLock)
            return _random.NextInt32(1000);
    }
}
