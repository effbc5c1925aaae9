using System.Net;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.DependencyInjection;
using SelfHeal.Sidecar.Composition;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Hosting;
using SelfHeal.Sidecar.Xds;
using SelfHeal.UnitTests.Time;

namespace SelfHeal.FunctionalTests.Conformance;

/// <summary>
/// The whole product in this process, as <c>selfheal serve</c> runs it: a real Kestrel, and a directory of resource
/// files. Its clock moves when it is told to, so nothing is waited for.
/// </summary>
internal sealed class ServerUnderTest : IAsyncDisposable
{
    /// <summary>One look at the directory; the product looks twice a second.</summary>
    public static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    private static readonly ListenAddress Loopback = new ListenAddress.Tcp(IPAddress.Loopback, 0);

    private static readonly JsonFormatter Json = new(JsonFormatter.Settings.Default.WithTypeRegistry(
        TypeRegistry.FromFiles(Content.Files)));

    private readonly SelfHealHost _host;
    private readonly string _directory;

    private ServerUnderTest(SelfHealHost host, string directory, SimulatedTimeProvider clock)
    {
        _host = host;
        _directory = directory;
        Clock = clock;
    }

    public SimulatedTimeProvider Clock { get; }

    public LogCollector Logs { get; private init; } = new();

    public int Port => ((ListenAddress.Tcp)_host.XdsAddress).Port;

    public IServiceProvider Services => _host.Services;

    /// <summary>Starts with these resources, which are served when this returns.</summary>
    public static async Task<ServerUnderTest> StartAsync(ServerSettings settings, params IMessage[] resources)
    {
        var directory = Directory.CreateTempSubdirectory("sh-xds-").FullName;
        var files = Directory.CreateDirectory(Path.Combine(directory, "resources")).FullName;
        Write(files, resources);
        var clock = new SimulatedTimeProvider();
        var options = new SelfHealOptions
        {
            Xds = new XdsOptions
            {
                Listen = Loopback,
                RestListen = Loopback,
                Resources = files,
                MaxConnectionAge = settings.MaxConnectionAge,
                Authorisation = settings.Authorisation,
            },
            Admin = new AdminOptions { Listen = Loopback },
            State = new StateOptions { Directory = Path.Combine(directory, "state") },
        };
        var composition = await SidecarParts.Create().ComposeAsync(options, clock, CancellationToken.None)
            .DefaultTimeout();
        var logs = new LogCollector();
        var host = SelfHealHost.Build(options, composition, logging => logging.Services.AddSingleton<
            Microsoft.Extensions.Logging.ILoggerProvider>(logs), clock);
        var server = new ServerUnderTest(host, directory, clock) { Logs = logs };
        var served = server.NextPublication();
        await host.StartAsync([], CancellationToken.None).DefaultTimeout();
        await served.DefaultTimeout();
        return server;
    }

    /// <summary>Replaces all resources; the others are gone. Served when this returns.</summary>
    public async Task PublishAsync(params IMessage[] resources)
    {
        // The window in which changes are put together is over: the next one goes out at once, whenever it is found.
        Clock.Advance(Look);
        var served = NextPublication();
        Write(Path.Combine(_directory, "resources"), resources);
        Clock.Advance(Look);
        await served.DefaultTimeout();
    }

    /// <summary>Stops it as SIGTERM does.</summary>
    public Task StopAsync() => _host.Services.GetRequiredService<Microsoft.Extensions.Hosting.IHost>()
        .StopAsync(CancellationToken.None).DefaultTimeout();

    /// <summary>A client for the admin API.</summary>
    public HttpClient CreateAdminClient() => CreateClient(_host.AdminAddress);

    /// <summary>A client for xDS over REST.</summary>
    public HttpClient CreateRestClient() =>
        CreateClient(_host.RestAddress ?? throw new InvalidOperationException("REST is not served"));

    public async ValueTask DisposeAsync()
    {
        await StopAsync(); // Services may write to the directory until they have ended.
        await _host.DisposeAsync().DefaultTimeout();
        Directory.Delete(_directory, recursive: true);
    }

    private static HttpClient CreateClient(ListenAddress address) => new(new SocketsHttpHandler { UseProxy = false })
    {
        BaseAddress = new Uri($"http://{address}"),
        Timeout = TestTimeouts.Default,
    };

    private static void Write(string files, IMessage[] resources)
    {
        var list = string.Join(",\n", resources.Select(static message => Json.Format(Any.Pack(message))));
        // In one step: a half-written file would be told as an error.
        var draft = Path.Combine(files, ".draft");
        File.WriteAllText(draft, $"{{\"resources\": [\n{list}\n]}}\n");
        File.Move(draft, Path.Combine(files, "resources.json"), overwrite: true);
    }

    private Task NextPublication()
    {
        var board = _host.Services.GetRequiredService<ServedBoard>();
        var published = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        board.Watch(OnPublished);
        return published.Task;

        void OnPublished()
        {
            board.Unwatch(OnPublished);
            published.TrySetResult();
        }
    }
}
