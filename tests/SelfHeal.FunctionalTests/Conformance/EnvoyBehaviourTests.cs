using System.Diagnostics;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.FunctionalTests.Lab;
using SelfHeal.Lab.Processes;
using static SelfHeal.FunctionalTests.Conformance.Content;

namespace SelfHeal.FunctionalTests.Conformance;

/// <summary>Behaviours 45, 82 and 83: what Envoy does, shown with the real one.</summary>
[Order(1)]
internal sealed class EnvoyBehaviourTests : ConformanceFixture
{
    private static readonly TimeSpan FetchTimeout = TimeSpan.FromSeconds(2);

    [Behaviour(Variant.Streams)]
    public async Task B045_Envoy_AppliesTheResponsesOfATypeInOrder(Variant on)
    {
        const int last = 240;
        var ports = LabPorts.Free();
        var listener = RdsListener("l", "r", port: ports.Listener, source: EnvoyUnderControl.Source(on));
        await ServeAsync(listener, Routes("r", 201));
        await using var envoy = EnvoyUnderControl.Start(on, ports, Server.Port);
        await envoy.WaitReadyAsync();
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        List<int> seen = [];

        var watching = Eventually.HoldsAsync(
            async () =>
            {
                using var response = await client.GetAsync(new Uri($"http://127.0.0.1:{ports.Listener}/"));
                seen.Add((int)response.StatusCode);
                return seen[^1] == last;
            },
            "the last one is applied",
            TestTimeouts.Default);
        for (var status = 202; status <= last; status++)
            await Server.PublishAsync(listener, Routes("r", status));
        await watching;

        Assert.That(seen, Is.Ordered);
        Assert.That(seen.Distinct().Count(), Is.GreaterThan(2), "several were applied");
    }

    [Behaviour(Variant.Streams)]
    public async Task B082_Envoy_AcceptsAClusterBeforeItIsWarm(Variant on)
    {
        await using var backend = new MutePeer();
        var ports = LabPorts.Free();
        await ServeAsync(Cluster("first"));
        await using var envoy = EnvoyUnderControl.Start(on, ports, Server.Port);
        await envoy.WaitReadyAsync();

        await Server.PublishAsync(
            Cluster("first"), Checked(EdsCluster("slow", source: EnvoyUnderControl.Source(on))),
            Endpoints("slow", backend.Port));
        await envoy.StatIsAsync("cluster_manager.warming_clusters", 1);
        // On ADS Envoy answers CDS no more while a cluster warms; what it waits for it accepts there too.
        await AcceptedAsync(XdsServices.Eds, "slow");
        if (Variant.PerType.HasFlag(on))
            await AcceptedAsync(XdsServices.Cds);

        Assert.That(await envoy.StatAsync("cluster_manager.warming_clusters"), Is.EqualTo(1), "accepted, and not warm");
        backend.Answer();
        await envoy.StatIsAsync("cluster_manager.warming_clusters", 0);
    }

    [Behaviour(Variant.Streams)]
    public async Task B083_Envoy_WaitsForItsDependants(Variant on)
    {
        await using var nobody = new MutePeer();
        var (answered, unanswered) = (LabPorts.Free(), LabPorts.Free());
        var forever = EnvoyUnderControl.Source(on);
        forever.InitialFetchTimeout = new Duration();
        var bounded = new ConfigSource
        {
            ResourceApiVersion = ApiVersion.V3,
            ApiConfigSource = EnvoyUnderControl.Api(on, "mute"),
            InitialFetchTimeout = Duration.FromTimeSpan(FetchTimeout),
        };

        await ServeAsync(RdsListener("l", "r", port: answered.Listener, source: forever), Routes("r"));
        await using var quick = EnvoyUnderControl.Start(on, answered, Server.Port, nobody.Port);
        await quick.WaitReadyAsync(); // It would wait for ever without the answer.
        await ServeAsync(RdsListener("l", "r", port: unanswered.Listener, source: bounded), Routes("r"));
        var started = Stopwatch.GetTimestamp();
        await using var slow = EnvoyUnderControl.Start(on, unanswered, Server.Port, nobody.Port);
        await slow.WaitReadyAsync();

        Assert.That(Stopwatch.GetElapsedTime(started), Is.GreaterThan(FetchTimeout));
        Assert.That(await slow.StatAsync("http.s1.rds.r.init_fetch_timeout"), Is.EqualTo(1));
        Assert.That(await quick.StatAsync("http.s1.rds.r.init_fetch_timeout"), Is.Zero);
    }

    /// <summary>A cluster that is warm when its backend has sent a byte.</summary>
    private static Cluster Checked(Cluster cluster)
    {
        cluster.HealthChecks.Add(new HealthCheck
        {
            Timeout = new Duration { Seconds = 60 },
            Interval = new Duration { Seconds = 60 },
            HealthyThreshold = 1,
            UnhealthyThreshold = 1,
            TcpHealthCheck = new HealthCheck.Types.TcpHealthCheck
            {
                Send = new HealthCheck.Types.Payload { Text = "00" },
                Receive = { new HealthCheck.Types.Payload { Text = "01" } },
            },
        });
        return cluster;
    }

    /// <summary>Waits until the server knows that Envoy has accepted what it serves of a type.</summary>
    private async Task AcceptedAsync(string served, params string[] names)
    {
        var version = (await Connect(Variant.SotwAds).FetchAsync(served, names)).Version;
        using var admin = Server.CreateAdminClient();
        await Eventually.HoldsAsync(
            async () =>
            {
                var proxies = System.Text.Json.JsonDocument.Parse(await admin.GetStringAsync("/api/proxies"));
                return proxies.RootElement.EnumerateArray()
                    .Where(static proxy => proxy.GetProperty("node").GetString() is "envoy")
                    .SelectMany(static proxy => proxy.GetProperty("types").EnumerateArray())
                    .Any(type => type.GetProperty("version").GetString() == version
                        && type.GetProperty("state").GetString() is "synced");
            },
            $"Envoy has accepted {served} {version}",
            TestTimeouts.Default);
    }
}
