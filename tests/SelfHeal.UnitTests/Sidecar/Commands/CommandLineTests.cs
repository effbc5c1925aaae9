using SelfHeal.Sidecar.Commands;

namespace SelfHeal.UnitTests.Sidecar.Commands;

internal sealed class CommandLineTests
{
    private readonly TestConsole _console = new();
    private string _directory = "";

    [SetUp]
    public void MakeDirectory()
    {
        _directory = Directory.CreateTempSubdirectory("selfheal-check-").FullName;
        Directory.CreateDirectory(Path.Combine(_directory, "resources"));
        File.WriteAllText(Path.Combine(_directory, "resources", "a.yaml"), "resources: []\n");
    }

    [TearDown]
    public void RemoveDirectory() => Directory.Delete(_directory, recursive: true);

    [Test]
    [NonParallelizable]
    public async Task Help_OfEveryCommand_IsTheGoldenText()
    {
        await _console.RunAsync("--help");
        foreach (var command in _console.CommandLine.Root.Subcommands)
            await _console.RunAsync(command.Name, "--help");

        GoldenFile.Check("tests/SelfHeal.UnitTests/Sidecar/Commands/Help.txt", _console.Out);
    }

    [Test]
    public void Help_OfEveryCommand_HasExamples()
    {
        var commandLine = _console.CommandLine;
        foreach (var command in commandLine.Root.Subcommands)
            Assert.That(commandLine.Help.ExamplesOf(command), Is.Not.Empty, command.Name);
    }

    [TestCase("Required command was not provided.", "selfheal", "--")]
    [TestCase("Unrecognized command or argument 'chek'.", "selfheal", "chek")]
    [TestCase("Option '--config' is required.", "selfheal serve", "serve")]
    [TestCase("Required argument missing for option: '--config'.", "selfheal check", "check", "--config")]
    [TestCase("Required argument missing for command: 'explain'.", "selfheal explain", "explain")]
    [TestCase("Unrecognized command or argument '--jsn'.", "selfheal incidents", "incidents", "--jsn")]
    public async Task Run_NotUnderstood_SaysWhyAndWhereHelpIs(string message, string command, params string[] arguments)
    {
        var code = await new TestConsole().RunAsync(arguments);
        var console = new TestConsole();
        await console.RunAsync(arguments);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(code, Is.EqualTo(ExitCode.Usage));
            Assert.That(console.Error, Does.Contain($"selfheal: {message}").And.Contains($"Try '{command} --help'."));
        }
    }

    [Test]
    public async Task Run_NoArguments_ShowsHelpAndFails()
    {
        var console = new TestConsole();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await console.RunAsync(), Is.EqualTo(ExitCode.Usage));
            Assert.That(console.Out, Does.Contain("Usage:"));
        }
    }

    [Test]
    public async Task Version_IsPrinted()
    {
        var console = new TestConsole();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await console.RunAsync("--version"), Is.EqualTo(ExitCode.Ok));
            Assert.That(console.Out, Does.Match(@"^selfheal \d+\.\d+\.\d+\n$"));
        }
    }

    [Test]
    public async Task Check_GoodConfig_SaysOk()
    {
        var console = new TestConsole();
        var code = await console.RunAsync("check", "--config", Write("xds: {resources: resources}"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(code, Is.EqualTo(ExitCode.Ok));
            Assert.That(console.Out, Does.StartWith("OK: ").And.Contains("1 resource files"));
        }
    }

    [Test]
    public async Task Check_DelegateMode_NamesTheUpstreamAndAsksForNoResources()
    {
        var config = Write("{mode: delegate, upstream: {addresses: ['http://127.0.0.1:15010']}}");

        var console = new TestConsole();
        Assert.That(await console.RunAsync("check", "--config", config), Is.EqualTo(ExitCode.Ok), console.Error);
        Assert.That(console.Out, Does.StartWith("OK: ").And.Contains("relays http://127.0.0.1:15010; xDS on"));
    }

    [Test]
    public async Task Check_DescriptorSets_AreCountedAndTheirFaultsAreShown()
    {
        var samples = Path.Combine(TestContext.CurrentContext.TestDirectory, "Samples", "private-extension");
        File.Copy(
            Path.Combine(samples, "resources", "listeners.yaml"), Path.Combine(_directory, "resources", "b.yaml"));
        var set = Path.Combine(_directory, "throttle.binpb");
        File.Copy(Path.Combine(samples, "throttle.binpb"), set);
        var config = Write("xds: {resources: resources, descriptor_sets: [throttle.binpb]}");

        var console = new TestConsole();
        Assert.That(await console.RunAsync("check", "--config", config), Is.EqualTo(ExitCode.Ok), console.Out);
        Assert.That(console.Out, Does.Match(@"2 resource files, \d+ types of 5 proto files in 1 descriptor sets"));

        File.WriteAllBytes(set, File.ReadAllBytes(set)[..1000]);
        console = new TestConsole();
        Assert.That(await console.RunAsync("check", "--config", config), Is.EqualTo(ExitCode.Failed));
        Assert.That(console.Out, Does.StartWith($"{set}:1:1: is cut short or damaged after"));

        File.Delete(set);
        console = new TestConsole();
        Assert.That(await console.RunAsync("check", "--config", config), Is.EqualTo(ExitCode.Failed));
        Assert.That(console.Out, Does.Contain("xds.descriptor_sets: no file"));
    }

    [Test]
    public async Task Check_BlindGrpcCluster_WarnsAtItsPlaceAndSaysWhatToAdd()
    {
        var file = Path.Combine(_directory, "resources", "a.yaml");
        File.WriteAllText(file, """
            resources:
            - "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
              name: pay
              connect_timeout: 1s
            - "@type": type.googleapis.com/envoy.config.listener.v3.Listener
              name: edge
              address: {socket_address: {address: 127.0.0.1, port_value: 80}}
              filter_chains:
              - filters:
                - name: http
                  typed_config:
                    "@type": "type.googleapis.com/envoy.extensions.filters.network.\
                      http_connection_manager.v3.HttpConnectionManager"
                    stat_prefix: edge
                    http_filters:
                    - name: envoy.filters.http.router
                      typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
                    route_config:
                      name: own
                      virtual_hosts:
                      - name: all
                        domains: ["*"]
                        routes: [{match: {prefix: /, grpc: {}}, route: {cluster: pay}}]
            """);
        var console = new TestConsole();
        var code = await console.RunAsync("check", "--config", Write("xds: {resources: resources}"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(code, Is.EqualTo(ExitCode.Ok));
            Assert.That(console.Out, Does.StartWith(
                $"{file}:15:9: filter_chains[0].filters[0].typed_config.http_filters: warning: gRPC cluster 'pay'"));
            Assert.That(
                console.Out, Does.Contain("add envoy.filters.http.grpc_stats to http_filters of listener 'edge'"));
        }
    }

    [TestCase("check")]
    [TestCase("serve")]
    public async Task Run_UnknownKey_FailsWithItsLine(string command)
    {
        var console = new TestConsole();
        var path = Write("xds:\n  resources: resources\nadmn: {}\n");
        var code = await console.RunAsync(command, "--config", path);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(code, Is.EqualTo(ExitCode.Failed));
            Assert.That(
                console.Out + console.Error, Is.EqualTo($"{path}:3:1: admn: unknown key; did you mean 'admin'?\n"));
        }
    }

    [Test]
    public async Task Check_EmptyResources_Fails()
    {
        var console = new TestConsole();
        Directory.CreateDirectory(Path.Combine(_directory, "empty"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                await console.RunAsync("check", "-c", Write("xds: {resources: empty}")), Is.EqualTo(ExitCode.Failed));
            Assert.That(console.Out, Does.Contain("no resource files"));
        }
    }

    [Test]
    public async Task Incidents_NobodyThere_SaysHowToPointToTheProcess()
    {
        var console = new TestConsole();
        console.Variables[CommonOptions.AdminVariable] = $"unix:{_directory}/none.sock";

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await console.RunAsync("incidents"), Is.EqualTo(ExitCode.Unreachable));
            Assert.That(
                console.Error,
                Does.Contain("cannot be reached").And.Contains("none.sock").And.Contains("--admin URL"));
        }
    }

    [Test]
    public async Task Explain_AdminIsNoUrl_IsAUsageError()
    {
        var console = new TestConsole();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                await console.RunAsync("explain", "x", "--admin", "here"), Is.EqualTo(ExitCode.Usage));
            Assert.That(console.Error, Does.Contain("expected http://HOST:PORT or unix:/PATH"));
        }
    }

    private string Write(string text)
    {
        var path = Path.Combine(_directory, "selfheal.yaml");
        File.WriteAllText(path, text);
        return path;
    }
}
