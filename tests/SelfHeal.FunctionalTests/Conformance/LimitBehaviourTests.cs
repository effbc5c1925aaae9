using System.Net;
using System.Text;
using System.Text.Json;
using Envoy.Service.Status.V3;
using Envoy.Config.Core.V3;
using Envoy.Service.LoadStats.V3;
using Google.Protobuf;
using SelfHeal.FunctionalTests.Lab;
using static SelfHeal.FunctionalTests.Conformance.Content;
using static SelfHeal.FunctionalTests.Conformance.XdsServices;

namespace SelfHeal.FunctionalTests.Conformance;

/// <summary>Behaviours 87 and 90 to 95: other services, limits, and the end.</summary>
[Order(1)]
internal sealed class LimitBehaviourTests : ConformanceFixture
{
    private const int Unavailable = 14;
    private const string LoadMethod = "envoy.service.load_stats.v3.LoadReportingService/StreamLoadStats";

    [Behaviour(Variant.Rest)]
    public async Task B087_RestFetch_HasNoStateAndSaysWhenNothingChanged(Variant on)
    {
        await ServeAsync(Cluster("a"), Cluster("b"));
        using var client = Server.CreateRestClient();

        var first = await FetchAsync("clusters", """{"node": {"id": "probe"}}""");
        var version = first.Body.GetProperty("version_info").GetString();
        var again = await FetchAsync("clusters", $$"""{"node": {"id": "probe"}, "version_info": "{{version}}"}""");
        await Server.PublishAsync(Cluster("a", 2), Cluster("b"));
        var changed = await FetchAsync("clusters", $$"""{"node": {"id": "probe"}, "version_info": "{{version}}"}""");
        using var aggregated = await client.PostAsync("/v3/discovery:aggregated", Json("{}")).DefaultTimeout();

        Assert.That(first.Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(first.Body.GetProperty("resources").GetArrayLength(), Is.EqualTo(2));
        Assert.That(again.Status, Is.EqualTo(HttpStatusCode.NotModified));
        Assert.That(changed.Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(changed.Body.GetProperty("version_info").GetString(), Is.Not.EqualTo(version));
        Assert.That(aggregated.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));

        async Task<(HttpStatusCode Status, JsonElement Body)> FetchAsync(string collection, string request)
        {
            using var response = await client.PostAsync($"/v3/discovery:{collection}", Json(request)).DefaultTimeout();
            var text = await response.Content.ReadAsStringAsync().DefaultTimeout();
            return (response.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement);
        }

        static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");
    }

    [Behaviour(Variant.Streams)]
    public async Task B090_Identifier_SaysWhoAnswered(Variant on)
    {
        var probe = await ConnectAsync(on, Cluster("a"), Runtime("r"));
        var (clusters, runtime) = (await probe.FetchAsync(Cds), await probe.FetchAsync(Rtds, "r"));

        Assert.That(clusters.Identifier, Is.Not.Empty.And.EqualTo(runtime.Identifier));
    }

    [Behaviour(Variant.Streams)]
    public async Task B091_StopOrAge_EndsWithAStatusToRetryAfterWhatIsOnItsWay(Variant on)
    {
        // More than every window and buffer on the way takes: it is being written when the stop comes.
        var (probe, idle) = (await ConnectAsync(on, Padded("a", 1)), Connect(on));
        await idle.FetchAsync(Cds);
        await probe.SubscribeAsync(Cds);
        await AdminAsync("/metrics", static text => text.Split('\n').Any(static line =>
            line.StartsWith("selfheal_xds_responses_total{", StringComparison.Ordinal)
            && line.EndsWith("} 2", StringComparison.Ordinal)));

        var stopping = Server.StopAsync();
        var last = await probe.NextAsync(Cds);
        await probe.ExpectEndAsync(Cds, Unavailable);
        await idle.ExpectEndAsync(Cds, Unavailable);
        await stopping;

        Assert.That(last.Names, Is.EqualTo("a"));

        // A tenth more or less, so that streams that opened together do not end together.
        var age = TimeSpan.FromMinutes(1);
        await ServeAsync(new ServerSettings { MaxConnectionAge = age }, Cluster("a"));
        var (young, old) = (Connect(on), Connect(on));
        await young.FetchAsync(Cds);
        await old.FetchAsync(Cds);
        Server.Clock.Advance(0.89 * age);
        await young.ExpectSilenceAsync();
        Server.Clock.Advance(0.22 * age);
        await old.ExpectEndAsync(Cds, Unavailable);
        await Connect(on).FetchAsync(Cds);
    }

    [Behaviour(Variant.Streams)]
    public async Task B092_ClientThatStopsReading_DelaysNobody(Variant on)
    {
        var (slow, fast) = (await ConnectAsync(on, Padded("a", 1)), Connect(on));
        await slow.SubscribeAsync(Cds);
        await fast.FetchAsync(Cds);

        for (var content = 2; content < 5; content++)
        {
            await Server.PublishAsync(Cluster("a", content));
            Assert.That((await fast.NextAckedAsync(Cds)).BytesOf("a"), Is.EqualTo(Bytes(Cluster("a", content))));
        }

        await slow.NextAckedAsync(Cds); // What it was being sent all the time.
        var newest = await slow.NextAckedAsync(Cds);
        Assert.That(newest.BytesOf("a"), Is.EqualTo(Bytes(Cluster("a", 4))), "those between were never made");
        await slow.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Streams)]
    public async Task B093_ManyChanges_MakeOneResponse(Variant on)
    {
        var names = Enumerable.Range(0, 200).Select(static i => $"e{i}").ToArray();
        var probe = await ConnectAsync(on, All(1));
        await probe.SubscribeAsync(Eds, names);
        var first = await probe.NextAsync(Eds);

        for (var content = 2; content < 6; content++)
            await Server.PublishAsync(All(content));
        await probe.AckAsync(first);

        var second = await probe.NextAckedAsync(Eds);
        Assert.That(second.Resources, Has.Length.EqualTo(200));
        Assert.That(second.BytesOf("e7"), Is.EqualTo(Bytes(Endpoints("e7", 5))));
        await probe.ExpectSilenceAsync();

        IMessage[] All(int content) => [.. names.Select(name => (IMessage)Endpoints(name, content))];
    }

    [Behaviour(Variant.Streams)]
    public async Task B094_ClientStatus_SaysWhereEachResourceStands(Variant on)
    {
        ExpectedError = "rejected it";
        var probe = await ConnectAsync(on, Cluster("a"), Cluster("b"));
        var status = new StatusProbe(Server.Port);
        await probe.SubscribeAsync(Cds, "a");
        var first = await probe.NextAsync(Cds);
        await probe.SendAsync(probe.Request(Cds, ["a", "b"])); // No answer to the first, which waits for one.
        await StandsAsync("a", ConfigStatus.Stale);
        await StandsAsync("b", ConfigStatus.NotSent);

        await probe.AckAsync(first, add: ["b"]);
        await probe.NextAckedAsync(Cds);
        await StandsAsync("a", ConfigStatus.Synced);
        await StandsAsync("b", ConfigStatus.Synced);
        await Server.PublishAsync(Cluster("a", 2), Cluster("b"));
        await probe.NackAsync(await probe.NextAsync(Cds), "not this");

        await StandsAsync("a", ConfigStatus.Error);
        var rejected = (await status.FetchAsync("probe")).Single(static r => r.Name is "a");
        Assert.That(rejected.ErrorState.FailedConfiguration.Value, Is.EqualTo(Bytes(Cluster("a", 2))));
        Assert.That(rejected.ErrorState.Details, Is.EqualTo("not this"));
        Assert.That(await status.StreamAsync("probe"), Is.EqualTo(await status.FetchAsync("probe")));

        Task StandsAsync(string name, ConfigStatus expected) => Eventually.HoldsAsync(
            async () => (await status.FetchAsync("probe")).Any(r => r.Name == name && r.ConfigStatus == expected),
            $"{name} is {expected}",
            TestTimeouts.Default);
    }

    [Behaviour(Variant.Lrs)]
    public async Task B095_LoadReports_OfAllClustersOnlyWhereAnnounced(Variant on)
    {
        await ServeAsync(Cluster("a"), Cluster("b"));
        var plain = await AskAsync(new Node { Id = "plain" });
        var capable = await AskAsync(
            new Node { Id = "capable", ClientFeatures = { "envoy.lrs.supports_send_all_clusters" } });

        Assert.That((plain.SendAllClusters, string.Join(',', plain.Clusters)), Is.EqualTo((false, "a,b")));
        Assert.That((capable.SendAllClusters, capable.Clusters.Count), Is.EqualTo((true, 0)));
        Assert.That(plain.LoadReportingInterval.ToTimeSpan(), Is.GreaterThan(TimeSpan.Zero));

        async Task<LoadStatsResponse> AskAsync(Node node)
        {
            using var call = new ProbeStream(Server.Port, LoadMethod);
            await call.WriteAsync(new LoadStatsRequest { Node = node });
            var answer = LoadStatsResponse.Parser.ParseFrom(await call.ReadAsync());

            // A report that comes much later than the interval, or none, is no fault of the client.
            Server.Clock.Advance(10 * answer.LoadReportingInterval.ToTimeSpan());
            await call.WriteAsync(new LoadStatsRequest());
            call.Complete();
            Assert.That(await call.ReadAsync(), Is.Null);
            Assert.That(call.Status?.Code, Is.Zero, call.Status?.Message);
            return answer;
        }
    }

    private static Envoy.Config.Cluster.V3.Cluster Padded(string name, int content)
    {
        var cluster = Cluster(name, content);
        cluster.AltStatName = new string('x', 4 * 1024 * 1024);
        return cluster;
    }

    private async Task AdminAsync(string path, Func<string, bool> holds)
    {
        using var admin = Server.CreateAdminClient();
        await Eventually.HoldsAsync(
            async () => holds(await admin.GetStringAsync(path)), $"what {path} says", TestTimeouts.Default);
    }
}
