using System.Diagnostics;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SelfHeal.Core.Time;
using SelfHeal.Lab.Mesh;
using SelfHeal.Lab.Processes;
using SelfHeal.Lab.Upstream;
using SelfHeal.Sidecar.Composition;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Hosting;
using SelfHeal.Sidecar.Overlays;

namespace SelfHeal.Benchmarks.Delegation;

/// <summary>
/// A real API server and Istiod, the product in delegate mode in this process, so that its in-process API can be used,
/// a real Envoy that is a gateway of the mesh, and two versions of a service behind it.
/// </summary>
internal sealed class MeshGateway : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _directory = Directory.CreateTempSubdirectory("selfheal-delegate-").FullName;
    private readonly LabPorts _ports = LabPorts.Free();
    private readonly List<IAsyncDisposable> _parts = [];
    private readonly bool _isDelta;
    private MeshProcess _mesh = null!; // Set by StartAsync, the only way to get a gateway.
    private MeshApi _api = null!; // As above.
    private SelfHealHost _host = null!; // As above.
    private EnvoyProcess _envoy = null!; // As above.
    private ResponseTap _tap = null!; // As above.
    private HttpClient _client = null!; // As above.

    private MeshGateway(bool isDelta) => _isDelta = isDelta;

    /// <summary>The product's in-process API.</summary>
    public IOverlays Overlays => _host.Services.GetRequiredService<IOverlays>();

    public MeshProcess Mesh => _mesh;

    public MeshApi Api => _api;

    /// <summary>What the product logs.</summary>
    public LogMoments Log { get; } = new();

    /// <summary>What the product sends to Envoy.</summary>
    public ResponseTap Tap => _tap;

    /// <summary>Starts all; Envoy answers with both versions when it is there.</summary>
    public static async Task<MeshGateway> StartAsync(bool isDelta, CancellationToken cancellationToken)
    {
        var binary = EnvoyBinary.Find()
            ?? throw new InvalidOperationException($"no Envoy was found. {EnvoyBinary.HowToGet}");
        var gateway = new MeshGateway(isDelta);
        try
        {
            await gateway.StartAsync(binary, cancellationToken);
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    /// <summary>A page of Envoy's admin interface.</summary>
    public Task<string> AdminAsync(string path, CancellationToken cancellationToken) =>
        _envoy.AdminAsync(path, cancellationToken);

    /// <summary>Sets a runtime key of Envoy.</summary>
    public async Task ModifyRuntimeAsync(string assignment, CancellationToken cancellationToken)
    {
        var address = new Uri($"http://127.0.0.1:{Text(_ports.EnvoyAdmin)}/runtime_modify?{assignment}");
        using var response = await _client.PostAsync(address, content: null, cancellationToken);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>The split that Envoy has live.</summary>
    public async Task<RouteSplit> SplitAsync(CancellationToken cancellationToken) =>
        RouteSplit.Read(await AdminAsync("/config_dump?resource=dynamic_route_configs", cancellationToken))
        ?? throw new InvalidDataException("Envoy has no route with weights");

    /// <summary>Asks Envoy again and again, without a pause, until it has this weight live.</summary>
    /// <param name="canary">Of <see cref="MeshObjects.Canary"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>When it answered, and how long its answers took at most.</returns>
    public async Task<(long At, TimeSpan Look)> LiveAsync(uint canary, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var longest = TimeSpan.Zero;
        while (Stopwatch.GetElapsedTime(start) < Patience)
        {
            var before = Stopwatch.GetTimestamp();
            var split = await SplitAsync(cancellationToken);
            var now = Stopwatch.GetTimestamp();
            var look = Stopwatch.GetElapsedTime(before, now);
            longest = look > longest ? look : longest;
            if (split.CanaryWeight == canary)
                return (now, longest);
        }

        throw new TimeoutException(
            $"Envoy did not get the weight {canary}; {string.Join(" | ", Log.Errors.DefaultIfEmpty("no errors"))}");
    }

    /// <summary>Sends requests.</summary>
    /// <returns>How many of them the canary answered; every one was answered.</returns>
    public async Task<int> CanaryAnswersAsync(int requests, CancellationToken cancellationToken)
    {
        var answers = 0;
        for (var i = 0; i < requests; i++)
        {
            using var response = await AskAsync(cancellationToken);
            response.EnsureSuccessStatusCode();
            if (response.Headers.GetValues(UpstreamServer.VersionHeader).Single() == "v2")
                answers++;
        }

        return answers;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        for (var i = _parts.Count - 1; i >= 0; i--)
            await _parts[i].DisposeAsync();
        _client?.Dispose();
        _api?.Dispose();
        Log.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>How many responses proxies have rejected, as Istiod counts it.</summary>
    public async Task<double> RejectsAsync(CancellationToken cancellationToken)
    {
        var page = await _client.GetStringAsync(new Uri(_mesh.Metrics), cancellationToken);
        if (!page.Contains("pilot_xds_pushes", StringComparison.Ordinal))
            throw new InvalidDataException($"{_mesh.Metrics} tells nothing of pushes");

        // A counter that was never touched is not there.
        return page.Split('\n')
            .Where(static line => line.StartsWith("pilot_total_xds_rejects", StringComparison.Ordinal))
            .Sum(static line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private async Task StartAsync(string binary, CancellationToken cancellationToken)
    {
        _client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        _mesh = Add(await MeshProcess.StartAsync(
            MeshProcess.Find() ?? throw new InvalidOperationException(
                $"{MeshProcess.Variable} names no program that runs Istiod, nor does PATH"),
            cancellationToken));
        _api = new MeshApi(_mesh.KubeConfig);
        var time = TimeProvider.System;
        foreach (var (version, port) in new[] { ("v1", _ports.Stable), ("v2", _ports.Canary) })
        {
            var server = Add(new UpstreamServer(version, port, new SeededRandomSource(1), time));
            await server.StartAsync(cancellationToken);
        }

        await MeshObjects.CreateAsync(_api, _ports.Listener, _ports.Stable, _ports.Canary, cancellationToken);
        await _api.CreateAsync(MeshObjects.ServiceEntries, MeshObjects.Other, cancellationToken);
        await StartHostAsync(cancellationToken);
        _tap = Add(ResponseTap.Start(_ports.Xds, _isDelta));
        var bootstrap = Path.Combine(_directory, "bootstrap.yaml");
        await File.WriteAllTextAsync(
            bootstrap, MeshBootstrap.Render(_ports.EnvoyAdmin, _tap.Port, _isDelta), cancellationToken);
        _envoy = Add(EnvoyProcess.Start(binary, bootstrap, _ports, Path.Combine(_directory, "envoy.log"), time));
        await _envoy.WaitReadyAsync(Patience, cancellationToken);
        await WaitAnswersAsync(cancellationToken);
    }

    private async Task StartHostAsync(CancellationToken cancellationToken)
    {
        var options = new SelfHealOptions
        {
            Mode = OperatingMode.Delegate,
            Xds = new XdsOptions { Listen = new ListenAddress.Tcp(IPAddress.Loopback, _ports.Xds) },
            Upstream = new UpstreamOptions { Addresses = [_mesh.Istiod] },
            Admin = new AdminOptions { Listen = new ListenAddress.Tcp(IPAddress.Loopback, _ports.SelfHealAdmin) },
            State = new StateOptions { Directory = Path.Combine(_directory, "state") },
        };
        var composition = await SidecarParts.Create().ComposeAsync(options, TimeProvider.System, cancellationToken);
        _host = Add(SelfHealHost.Build(
            options, composition, logging => logging.AddProvider(Log), TimeProvider.System));
        await _host.StartAsync([], cancellationToken);
    }

    private async Task WaitAnswersAsync(CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        var problem = "nothing";
        while (Stopwatch.GetElapsedTime(start) < Patience)
        {
            try
            {
                using var response = await AskAsync(cancellationToken);
                if (response.IsSuccessStatusCode)
                    return;
                problem = response.StatusCode.ToString();
            }
            catch (HttpRequestException error)
            {
                problem = error.Message; // Its listener has not come yet.
            }

            await look.WaitForNextTickAsync(cancellationToken);
        }

        throw new TimeoutException($"Envoy did not answer within {Patience.TotalSeconds} s, at last: {problem}");
    }

    private Task<HttpResponseMessage> AskAsync(CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, _envoy.Listener);
        request.Headers.Host = MeshObjects.Host;
        return _client.SendAsync(request, cancellationToken);
    }

    private T Add<T>(T part)
        where T : IAsyncDisposable
    {
        _parts.Add(part);
        return part;
    }
}
