using SelfHeal.Grpc;

namespace SelfHeal.FunctionalTests.Grpc;

/// <summary>A server and a channel for each test; an Error log that the test did not declare fails it.</summary>
internal abstract class GrpcTestBase
{
    protected LogCollector Logs { get; private set; } = null!; // Set before each test.

    protected GrpcTestServer Server { get; private set; } = null!; // Set before each test.

    protected GrpcChannel Channel { get; private set; } = null!; // Set before each test.

    /// <summary>Error logs that the test expects; set inside the test.</summary>
    protected int ExpectedErrors { get; set; }

    [SetUp]
    public async Task StartServerAsync()
    {
        ExpectedErrors = 0;
        Logs = new LogCollector();
        Server = await GrpcTestServer.StartAsync(Logs, services: ExtraServices());
        Channel = Server.Connect();
    }

    [TearDown]
    public async Task StopServerAsync()
    {
        Channel.Dispose();
        await Server.DisposeAsync();
        Assert.That(Logs.Errors.ToList(), Has.Count.EqualTo(ExpectedErrors), string.Join('\n', Logs.Errors));
        Logs.Dispose();
    }

    protected virtual GrpcService[] ExtraServices() => [];

    protected static GrpcException AssertStatus(GrpcStatusCode code, Func<Task> action)
    {
        var exception = Assert.ThrowsAsync<GrpcException>(() => action().DefaultTimeout());
        Assert.That(exception!.Status.Code, Is.EqualTo(code), exception.ToString());
        return exception;
    }
}
