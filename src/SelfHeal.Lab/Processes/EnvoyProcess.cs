using System.Globalization;
using System.Text.Json;
using SelfHeal.Lab.DataPlane;

namespace SelfHeal.Lab.Processes;

/// <summary>A real Envoy as a child process, with one worker and a shared-memory id of its own.</summary>
public sealed class EnvoyProcess : IDataPlane
{
    private readonly ChildProcess _process;
    private readonly string _binary;
    private readonly HttpClient _admin;
    private readonly Uri _ready;

    private EnvoyProcess(ChildProcess process, LabPorts ports, string binary)
    {
        _process = process;
        _binary = binary;
        Description = $"Envoy ({binary})";
        Listener = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{ports.Listener}"));
        var admin = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{ports.EnvoyAdmin}"));
        _admin = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = admin };
        _ready = new Uri(admin, "/ready");
    }

    /// <inheritdoc/>
    public string Description { get; private set; }

    /// <inheritdoc/>
    public Uri Listener { get; }

    /// <inheritdoc/>
    public string? Failure => _process.HasExited
        ? $"Envoy has ended with code {_process.ExitCode}; its log is {_process.LogFile}"
        : null;

    /// <summary>The process id.</summary>
    public int Id => _process.Id;

    /// <summary>Where its log is.</summary>
    public string LogFile => _process.LogFile;

    /// <summary>Starts Envoy.</summary>
    /// <param name="binary">From <see cref="EnvoyBinary.Find"/>.</param>
    /// <param name="bootstrapFile">A bootstrap whose ports are <paramref name="ports"/>.</param>
    /// <param name="ports">Where its listener and admin interface are.</param>
    /// <param name="logFile">Where its log goes.</param>
    /// <param name="time">The clock of waits.</param>
    public static EnvoyProcess Start(
        string binary, string bootstrapFile, LabPorts ports, string logFile, TimeProvider time)
    {
        ArgumentException.ThrowIfNullOrEmpty(binary);
        ArgumentNullException.ThrowIfNull(ports);
        string[] arguments =
        [
            "--config-path", bootstrapFile, "--use-dynamic-base-id", "--concurrency", "1", "--log-level", "info",
        ];
        var process = ChildProcess.Start(binary, arguments, logFile, time);
        return new EnvoyProcess(process, ports, binary);
    }

    /// <inheritdoc/>
    public async Task WaitReadyAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        await _process.WaitReadyAsync(_ready, timeout, cancellationToken);

        // "commit/1.40.0/Clean/RELEASE/BoringSSL"
        using var info = JsonDocument.Parse(await AdminAsync("/server_info", cancellationToken));
        var version = info.RootElement.GetProperty("version").GetString()?.Split('/') ?? [];
        if (version.Length > 1)
            Description = $"Envoy {version[1]} ({_binary})";
    }

    /// <summary>The text of an admin page, such as <c>/clusters</c> or <c>/config_dump</c>.</summary>
    /// <param name="path">The page, with its query.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    public Task<string> AdminAsync(string path, CancellationToken cancellationToken) =>
        _admin.GetStringAsync(new Uri(path, UriKind.Relative), cancellationToken);

    /// <inheritdoc/>
    public async Task<string?> RouteDigestAsync(string routeConfiguration, CancellationToken cancellationToken)
    {
        var dump = await AdminAsync("/config_dump?resource=dynamic_route_configs", cancellationToken);
        return RouteDump.Digest(dump, routeConfiguration);
    }

    /// <summary>Ends it as <c>kill -9</c> does.</summary>
    /// <param name="cancellationToken">Gives up waiting for its end.</param>
    public Task KillAsync(CancellationToken cancellationToken) => _process.KillAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _admin.Dispose();
    }
}
