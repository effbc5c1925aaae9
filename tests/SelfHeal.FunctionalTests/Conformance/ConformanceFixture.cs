using Envoy.Config.Core.V3;
using Google.Protobuf;

namespace SelfHeal.FunctionalTests.Conformance;

/// <summary>A server and its clients for each case; an Error log that the test did not declare fails it.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.Children)]
internal abstract class ConformanceFixture
{
    private readonly List<XdsProbe> _probes = [];
    private readonly List<ServerUnderTest> _servers = [];

    /// <summary>
    /// A part of the only Error log that the test expects. Null: none is. What a client certainly rejects is one, for a
    /// human must mend it.
    /// </summary>
    protected string? ExpectedError { get; set; }

    /// <summary>The server that was started last.</summary>
    protected ServerUnderTest Server => _servers[^1];

    [TearDown]
    public async Task StopAsync()
    {
        foreach (var probe in _probes)
            probe.Dispose();
        var errors = _servers.SelectMany(static server => server.Logs.Errors)
            .Where(error => ExpectedError is null || !error.Contains(ExpectedError, StringComparison.Ordinal)).ToList();
        foreach (var server in _servers)
            await server.DisposeAsync();
        Assert.That(errors, Is.Empty, "errors in the server's log");
    }

    /// <summary>Starts a server with these resources.</summary>
    protected Task<ServerUnderTest> ServeAsync(params IMessage[] resources) =>
        ServeAsync(new ServerSettings(), resources);

    /// <inheritdoc cref="ServeAsync(IMessage[])"/>
    protected async Task<ServerUnderTest> ServeAsync(ServerSettings settings, params IMessage[] resources)
    {
        var server = await ServerUnderTest.StartAsync(settings, resources);
        _servers.Add(server);
        return server;
    }

    /// <summary>Starts a server with these resources and a client of it.</summary>
    protected async Task<XdsProbe> ConnectAsync(Variant on, params IMessage[] resources)
    {
        await ServeAsync(resources);
        return Connect(on);
    }

    /// <summary>Another client of the server.</summary>
    protected XdsProbe Connect(Variant on, string node = "probe") => Connect(on, new Node { Id = node });

    /// <inheritdoc cref="Connect(Variant, string)"/>
    protected XdsProbe Connect(Variant on, Node node)
    {
        var probe = new XdsProbe(Server.Port, on, node);
        _probes.Add(probe);
        return probe;
    }
}
