using System.Globalization;
using SelfHeal.Lab.Processes;

namespace SelfHeal.Benchmarks.Servers;

/// <summary>A server under measurement as a process of its own: what it costs is what the kernel says of it.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    /// <summary>The kernel's unit in <c>/proc/PID/stat</c> (USER_HZ), 100 on every Linux that .NET runs on.</summary>
    private const double TicksPerSecond = 100;

    private const string StateDirectory = "state";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly Func<ChildProcess> _start;
    private readonly string _directory;
    private ChildProcess _process;

    private ServerProcess(string name, Func<ChildProcess> start, string directory, int port, Uri admin)
    {
        Name = name;
        _start = start;
        _process = start();
        _directory = directory;
        Port = port;
        Admin = admin;
    }

    /// <summary>For people.</summary>
    public string Name { get; }

    /// <summary>Where it takes stats streams.</summary>
    public int Port { get; }

    /// <summary>Where it tells about itself.</summary>
    public Uri Admin { get; }

    /// <summary>The directory that the product serves.</summary>
    public string Resources => Path.Combine(_directory, SampleConfigs.Resources);

    /// <summary>Where the product keeps what it must know after a restart.</summary>
    public string State => Path.Combine(_directory, StateDirectory);

    /// <summary>Processor time that it has used, in seconds.</summary>
    public double CpuSeconds
    {
        get
        {
            // The name in parentheses may hold spaces; utime and stime are the 14th and 15th field.
            var text = File.ReadAllText($"/proc/{_process.Id}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return (Number(fields[11]) + Number(fields[12])) / TicksPerSecond;
        }
    }

    /// <summary>Resident memory in MiB.</summary>
    public double ResidentMib
    {
        get
        {
            const string Key = "VmRSS:";
            var line = File.ReadLines($"/proc/{_process.Id}/status")
                .First(static l => l.StartsWith(Key, StringComparison.Ordinal));
            return Number(line[Key.Length..].Trim().Split(' ')[0]) / 1024;
        }
    }

    /// <summary>The product itself.</summary>
    /// <param name="isPinned">Whether it gets the first core alone.</param>
    /// <param name="cancellationToken">Gives up the start.</param>
    public static Task<ServerProcess> StartSelfHealAsync(bool isPinned, CancellationToken cancellationToken)
    {
        var ports = LabPorts.Free();
        var directory = Directory.CreateTempSubdirectory("selfheal-bench-").FullName;
        SampleConfigs.Write(directory, ports, TimeSpan.FromSeconds(5));
        var config = Path.Combine(directory, "selfheal.yaml");
        File.WriteAllText(config, string.Create(CultureInfo.InvariantCulture, $$"""
            xds: { listen: 127.0.0.1:{{ports.Xds}}, resources: "{{SampleConfigs.Resources}}" }
            admin: { listen: 127.0.0.1:{{ports.SelfHealAdmin}} }
            state: { directory: "{{StateDirectory}}" }

            """));
        var program = Path.Combine(AppContext.BaseDirectory, "selfheal");
        return StartAsync(
            "selfheal serve", directory, program, ["serve", "--config", config], ports.Xds, ports.SelfHealAdmin,
            "/readyz", isPinned, cancellationToken);
    }

    /// <summary>The same server side that takes the bytes and does not read them, on the first core.</summary>
    public static Task<ServerProcess> StartDrainAsync(CancellationToken cancellationToken)
    {
        var ports = FreePorts.Take(2);
        string[] arguments = ["drain", Text(ports[0]), Text(ports[1])];
        return StartAsync(
            "drain", Directory.CreateTempSubdirectory("selfheal-bench-").FullName,
            Environment.ProcessPath ?? throw new InvalidOperationException("the path of this program is unknown"),
            arguments, ports[0], ports[1], "/stats", isPinned: true, cancellationToken);
    }

    /// <summary>grpc-go's receiver, which adds up values, on the first core.</summary>
    /// <param name="binary">The program.</param>
    /// <param name="windowBytes">Its receive window: as large as ours.</param>
    /// <param name="cancellationToken">Gives up the start.</param>
    public static Task<ServerProcess> StartGrpcGoAsync(
        string binary, int windowBytes, CancellationToken cancellationToken)
    {
        var ports = FreePorts.Take(2);
        string[] arguments =
        [
            "-addr", $"127.0.0.1:{Text(ports[0])}", "-ctl", $"127.0.0.1:{Text(ports[1])}", "-work", "sum",
            "-window", Text(windowBytes),
        ];
        return StartAsync(
            "grpc-go", Directory.CreateTempSubdirectory("selfheal-bench-").FullName, binary, arguments, ports[0],
            ports[1], "/stats", isPinned: true, cancellationToken);
    }

    /// <summary>The end of what it printed, for an error's message.</summary>
    public string LogTail() => string.Join('\n', File.ReadLines(_process.LogFile).TakeLast(8));

    /// <summary>Ends it as <c>kill -9</c> does.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        await _process.KillAsync(cancellationToken);
        await _process.DisposeAsync();
    }

    /// <summary>Starts it again on the same files and ports, after a kill; it is not ready yet.</summary>
    public void StartAgain() => _process = _start();

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>Starts a program and waits until it answers.</summary>
    /// <param name="name">For people.</param>
    /// <param name="directory">Its own; removed at the end.</param>
    /// <param name="program">What to start.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="port">Where it serves.</param>
    /// <param name="adminPort">Where it tells about itself.</param>
    /// <param name="probe">The path there that succeeds when it is ready.</param>
    /// <param name="isPinned">Whether it gets the first core alone.</param>
    /// <param name="cancellationToken">Gives up the start.</param>
    internal static async Task<ServerProcess> StartAsync(
        string name,
        string directory,
        string program,
        string[] arguments,
        int port,
        int adminPort,
        string probe,
        bool isPinned,
        CancellationToken cancellationToken)
    {
        var log = Path.Combine(directory, "server.log");
        var admin = new UriBuilder("http", "127.0.0.1", adminPort).Uri;
        var server = new ServerProcess(name, Start, directory, port, admin);
        try
        {
            await server._process.WaitReadyAsync(new Uri(admin, probe), Patience, cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }

        ChildProcess Start() => isPinned
            ? ChildProcess.Start("taskset", ["-c", "0", program, .. arguments], log, TimeProvider.System)
            : ChildProcess.Start(program, arguments, log, TimeProvider.System);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
