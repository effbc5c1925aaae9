using System.Collections.Immutable;
using System.Globalization;
using SelfHeal.Core.Time;
using SelfHeal.Lab.Load;
using SelfHeal.Lab.Processes;
using SelfHeal.Lab.Upstream;

namespace SelfHeal.Lab.Swaps;

/// <summary>
/// Swaps the whole configuration of a real Envoy under load, again and again, through the directory that a real
/// <c>selfheal serve</c> serves, and reads from Envoy's own access log whether any request found it torn.
/// </summary>
public sealed class SwapRun : IAsyncDisposable
{
    private const string AccessLog = "access.log";
    private const string SwapFile = "swaps.yaml";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);

    private readonly SwapOptions _options;
    private readonly TimeProvider _time;
    private readonly LabPorts _ports = LabPorts.Free();
    private readonly IRandomSource _pace;
    private readonly SwapPlan _plan;
    private readonly UpstreamServer _first;
    private readonly UpstreamServer _second;
    private readonly SelfHealProcess _serve;
    private EnvoyProcess? _envoy;

    /// <summary>Prepares a run; nothing is started before <see cref="RunAsync"/>.</summary>
    /// <param name="options">How it goes.</param>
    /// <param name="time">The clock of waits.</param>
    public SwapRun(SwapOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Swaps, 1);
        _options = options;
        _time = time;
        _plan = new SwapPlan(new SeededRandomSource(options.Seed), _ports);
        _pace = new SeededRandomSource(options.Seed + 1);
        _first = new UpstreamServer("first", _ports.Stable, new SeededRandomSource(options.Seed + 2), time);
        _second = new UpstreamServer("second", _ports.Canary, new SeededRandomSource(options.Seed + 3), time);
        _serve = new SelfHealProcess(
            options.SelfHeal,
            Path.Combine(options.Directory, "selfheal.yaml"),
            _ports.SelfHealAdmin,
            Path.Combine(options.Directory, "selfheal.log"),
            time);
    }

    private string Resources => Path.Combine(_options.Directory, SampleConfigs.Resources);

    private EnvoyProcess Envoy => _envoy ?? throw new InvalidOperationException("the run was not started");

    /// <summary>Starts everything, swaps, and counts.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="LabException">Something did not start, or a swap did not reach Envoy in time.</exception>
    public async Task<SwapReport> RunAsync(CancellationToken cancellationToken)
    {
        WriteFiles();
        await _first.StartAsync(cancellationToken);
        await _second.StartAsync(cancellationToken);
        await _serve.StartAsync(Patience, cancellationToken);
        var bootstrap = _options.Delta ? "bootstrap-delta.yaml" : SampleConfigs.Bootstrap;
        _envoy = EnvoyProcess.Start(
            _options.Envoy,
            Path.Combine(_options.Directory, bootstrap),
            _ports,
            Path.Combine(_options.Directory, "envoy.log"),
            _time);
        await Envoy.WaitReadyAsync(Patience, cancellationToken);
        await HeldAsync(cancellationToken);
        LoadSnapshot load;
        var (awaited, start) = (0, _time.GetTimestamp());
        await using (var generator = new LoadGenerator(
            Envoy.Listener, new LoadOptions { RequestsPerSecond = _options.RequestsPerSecond }, _time))
        {
            generator.Start();
            for (var swap = 0; swap < _options.Swaps; swap++)
                awaited += await SwapAsync(isLast: swap == _options.Swaps - 1, cancellationToken) ? 1 : 0;
            await generator.StopAsync();
            load = generator.Snapshot();
        }
        var elapsed = _time.GetElapsedTime(start);
        var rejected = await CountRejectedAsync(cancellationToken);
        await Envoy.DisposeAsync(); // It writes the rest of its log as it ends.
        _envoy = null;
        var flags = ReadFlags(out var answers);
        return new SwapReport(
            _options.Swaps, awaited, answers, flags, load.TransportErrors, rejected, elapsed);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_envoy is not null)
            await _envoy.DisposeAsync();
        await _serve.DisposeAsync();
        await _first.DisposeAsync();
        await _second.DisposeAsync();
    }

    private void WriteFiles()
    {
        SampleConfigs.Write(_options.Directory, _ports, TimeSpan.FromSeconds(5));
        foreach (var file in (string[])["clusters.yaml", "endpoints.yaml", "routes.yaml"])
            File.Delete(Path.Combine(Resources, file));
        var listener = Path.Combine(Resources, "listeners.yaml");
        const string Discovery = "        rds:\n          route_config_name: payments-routes\n";
        var text = File.ReadAllText(listener);
        if (!text.Contains(Discovery, StringComparison.Ordinal))
            throw new LabException($"{listener} has no 'route_config_name: payments-routes' where it is expected");
        File.WriteAllText(listener, text.Replace(
            Discovery,
            string.Create(CultureInfo.InvariantCulture, $$"""
                    access_log:
                    - name: envoy.access_loggers.file
                      typed_config:
                        "@type": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog
                        path: "{{Path.Combine(_options.Directory, AccessLog)}}"
                        log_format: { text_format_source: { inline_string: "%RESPONSE_FLAGS%\n" } }
                    rds:
                      route_config_name: swap-routes

            """),
            StringComparison.Ordinal));
        WriteSwap();
        File.WriteAllText(Path.Combine(_options.Directory, "selfheal.yaml"), string.Create(
            CultureInfo.InvariantCulture,
            $$"""
            xds: { listen: 127.0.0.1:{{_ports.Xds}}, resources: "{{Resources}}" }
            admin: { listen: 127.0.0.1:{{_ports.SelfHealAdmin}} }
            state: { directory: "{{Path.Combine(_options.Directory, "state")}}" }

            """));
    }

    /// <summary>Written beside and renamed, as tools of operators do it.</summary>
    private void WriteSwap()
    {
        var next = Path.Combine(_options.Directory, SwapFile);
        File.WriteAllText(next, _plan.Next());
        File.Move(next, Path.Combine(Resources, SwapFile), overwrite: true);
    }

    /// <summary>
    /// One swap. Some wait until Envoy has it; the others come while it is still taking the one before, so that pushes
    /// are overtaken, coalesced and interleaved with what still lingers.
    /// </summary>
    private async Task<bool> SwapAsync(bool isLast, CancellationToken cancellationToken)
    {
        WriteSwap();
        if (isLast || _pace.NextInt32(2) == 0)
        {
            await HeldAsync(cancellationToken);
            return true;
        }
        await Task.Delay(TimeSpan.FromMilliseconds(_pace.NextInt32(60)), _time, cancellationToken);
        return false;
    }

    private async Task HeldAsync(CancellationToken cancellationToken)
    {
        var start = _time.GetTimestamp();
        var wanted = $"\"{_plan.Marker}\"";

        // Bounded by the patience.
        while (true)
        {
            var routes = await Envoy.AdminAsync("/config_dump?resource=dynamic_route_configs", cancellationToken);
            if (routes.Contains(wanted, StringComparison.Ordinal))
                return;
            if (_time.GetElapsedTime(start) > Patience)
            {
                throw new LabException(
                    $"Envoy did not get {_plan.Marker} within {Patience.TotalSeconds} s; it has {routes}; "
                    + $"logs are in {_options.Directory}");
            }
            await Task.Delay(Look, _time, cancellationToken);
        }
    }

    private async Task<long> CountRejectedAsync(CancellationToken cancellationToken)
    {
        var stats = await Envoy.AdminAsync("/stats?filter=update_rejected", cancellationToken);
        return stats.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Sum(static line => long.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
    }

    private ImmutableSortedDictionary<string, long> ReadFlags(out long answers)
    {
        var flags = new SortedDictionary<string, long>(StringComparer.Ordinal);
        answers = 0;
        foreach (var line in File.ReadLines(Path.Combine(_options.Directory, AccessLog)))
        {
            answers++;
            foreach (var flag in line.Split(',').Where(static flag => flag is not "-"))
                flags[flag] = flags.GetValueOrDefault(flag) + 1;
        }
        return flags.ToImmutableSortedDictionary(StringComparer.Ordinal);
    }
}
