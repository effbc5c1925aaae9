using System.Net;
using System.Text;
using System.Text.Json;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using SelfHeal.FunctionalTests.Lab;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Xds;
using SelfHeal.Xds.Resources;

namespace SelfHeal.FunctionalTests.Sidecar.Xds;

/// <summary>xDS over REST: behaviour 87, spoken in raw HTTP.</summary>
[CancelAfter(60_000)]
internal sealed class RestDiscoveryTests
{
    private const string Name = "payments";
    private const string Node = """ "node": {"id": "rest-1", "cluster": "edge"} """;

    private RunningSidecar _sidecar = null!; // Set before each test.
    private HttpClient _client = null!; // Set before each test.

    public static IEnumerable<string> Collections =>
        TypedService.All.Select(static s => s.RestCollection).OfType<string>();

    [SetUp]
    public async Task StartAsync()
    {
        _sidecar = await RunningSidecar.StartAsync(static resources => new XdsOptions
        {
            Listen = RunningSidecar.Loopback,
            RestListen = RunningSidecar.Loopback,
            Resources = resources,
        });
        _client = new HttpClient { BaseAddress = new Uri($"http://{_sidecar.Host.RestAddress}") };
    }

    [TearDown]
    public async Task StopAsync()
    {
        _client.Dispose();
        await _sidecar.DisposeAsync();
    }

    [TestCaseSource(nameof(Collections))]
    public async Task Fetch87_EveryType_AnswersTheCanonicalJsonOfTheResource(string collection)
    {
        PublishAll();
        var service = TypedService.All.Single(s => s.RestCollection == collection);
        var resource = OneOfEachType.Of(service.TypeUrl, Name);

        using var response = await PostAsync(collection, $$"""{ {{Node}}, "resource_names": ["{{Name}}"] }""");

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        var parsed = Parse(await response.Content.ReadAsStringAsync(), resource);
        Assert.That(parsed.TypeUrl, Is.EqualTo(service.TypeUrl));
        Assert.That(parsed.Resources.Select(static r => r.TypeUrl), Is.EqualTo(new[] { service.TypeUrl }));
        Assert.That(parsed.Resources[0].Value.ToByteArray(), Is.EqualTo(resource.ValueBytes.ToArray()));
        Assert.That(parsed.ControlPlane.Identifier, Is.EqualTo(_sidecar.Registry.ProcessId));
    }

    [Test]
    public async Task Fetch87_UnchangedVersion_IsNotModifiedUntilSomethingChanges()
    {
        PublishAll();
        var first = await VersionAsync("clusters", "");

        using var again = await PostAsync("clusters", $$"""{ {{Node}}, "version_info": "{{first}}" }""");
        _sidecar.Publish(OneOfEachType.Of(TypeUrl.Cluster, "other"));

        Assert.That(again.StatusCode, Is.EqualTo(HttpStatusCode.NotModified));
        Assert.That(await again.Content.ReadAsStringAsync(), Is.Empty);
        // Changes that follow one another fast are put together, so this one may be a moment away.
        await Eventually.HoldsAsync(
            async () =>
            {
                using var changed = await PostAsync("clusters", $$"""{ {{Node}}, "version_info": "{{first}}" }""");
                return changed.StatusCode == HttpStatusCode.OK
                    && (await changed.Content.ReadAsStringAsync()).Contains("\"other\"", StringComparison.Ordinal);
            },
            "the change is answered",
            TestTimeouts.Default);
    }

    [Test]
    public async Task Fetch87_OtherNamesAtTheVersionOfTheFirst_AreAnswered()
    {
        _sidecar.Publish(
            OneOfEachType.Of(TypeUrl.RouteConfiguration, "r1"), OneOfEachType.Of(TypeUrl.RouteConfiguration, "r2"));
        var one = await VersionAsync("routes", """ , "resource_names": ["r1"] """);

        using var both = await PostAsync(
            "routes", $$"""{ {{Node}}, "version_info": "{{one}}", "resource_names": ["r1", "r2"] }""");

        Assert.That(both.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await both.Content.ReadAsStringAsync(), Does.Contain("\"r1\"").And.Contains("\"r2\""));
    }

    [Test]
    public async Task Fetch87_NonceAndErrorOfAnEarlierAnswer_AreNoStreamState()
    {
        PublishAll();
        var rejecting = $$"""
            { {{Node}}, "version_info": "old", "response_nonce": "17", "error_detail": {"code": 3, "message": "no"} }
            """;

        using var first = await PostAsync("clusters", rejecting);
        using var second = await PostAsync("clusters", rejecting);

        Assert.That(first.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(
            await second.Content.ReadAsStringAsync(), Is.EqualTo(await first.Content.ReadAsStringAsync()));
        Assert.That(_sidecar.Registry.Proxies, Is.Empty, "a fetch is no stream");
    }

    [Test]
    public async Task Fetch87_NoNames_AsksForEverythingOnlyWhereAStreamWouldSayTheSame()
    {
        PublishAll();

        using var clusters = await PostAsync("clusters", $$"""{ {{Node}} }""");
        using var routes = await PostAsync("routes", $$"""{ {{Node}} }""");

        Assert.That(await CountAsync(clusters), Is.EqualTo(1));
        Assert.That(await CountAsync(routes), Is.Zero);
    }

    [Test]
    public async Task Fetch87_AssignmentOfAnUnknownCluster_IsEmptyAndNotMissing()
    {
        PublishAll();

        using var response = await PostAsync("endpoints", $$"""{ {{Node}}, "resource_names": ["ghost"] }""");

        Assert.That(await response.Content.ReadAsStringAsync(), Does.Contain("\"cluster_name\":\"ghost\""));
    }

    [TestCase("clusters", "{}", HttpStatusCode.BadRequest, "node.id")]
    [TestCase("clusters", "{ not json", HttpStatusCode.BadRequest, "cannot be read")]
    [TestCase("clusters", """{"node": {"id": "a"}, "type_url": "x/y"}""", HttpStatusCode.BadRequest, "type_url is x/y")]
    [TestCase("nonsense", """{"node": {"id": "a"}}""", HttpStatusCode.NotFound, "/v3/discovery:clusters")]
    public async Task Fetch_BadRequest_SaysWhatIsWrongAndWhatIsExpected(
        string collection, string body, HttpStatusCode status, string text)
    {
        PublishAll();

        using var response = await PostAsync(collection, body);

        Assert.That(response.StatusCode, Is.EqualTo(status));
        Assert.That(await response.Content.ReadAsStringAsync(), Does.Contain(text));
    }

    [Test]
    public async Task Fetch_FieldThatWeDoNotKnow_IsIgnored()
    {
        PublishAll();

        using var response = await PostAsync("clusters", $$"""{ {{Node}}, "from_the_future": {"a": [1]} }""");

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Fetch_RequestLargerThanTheLimit_IsRefused()
    {
        PublishAll();

        using var response = await PostAsync("clusters", new string(' ', (4 * 1024 * 1024) + 1));

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.RequestEntityTooLarge));
    }

    [Test]
    public async Task Fetch_NothingServedYet_IsUnavailable()
    {
        using var response = await PostAsync("clusters", $$"""{ {{Node}} }""");

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
    }

    [Test]
    public async Task Fetch_ResourceOfATypeThatJsonCannotHold_IsRefusedByItsName()
    {
        _sidecar.Publish(XdsResource.FromMessage(new Envoy.Config.Core.V3.TypedExtensionConfig
        {
            Name = "private",
            TypedConfig = new Google.Protobuf.WellKnownTypes.Any { TypeUrl = "type.googleapis.com/acme.Private" },
        }));

        using var response = await PostAsync("extension_configs", $$"""{ {{Node}}, "resource_names": ["private"] }""");

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.NotImplemented));
        Assert.That(await response.Content.ReadAsStringAsync(), Does.Contain("private is of a type"));
    }

    [Test]
    public async Task Fetch_OtherMethod_IsRefused()
    {
        using var response = await _client.GetAsync("/v3/discovery:clusters");

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.MethodNotAllowed));
        Assert.That(response.Content.Headers.Allow, Is.EqualTo(new[] { "POST" }));
    }

    [Test]
    public async Task Listener_AdminAndGrpcPaths_AreNotReachableThroughIt()
    {
        using var admin = await _client.GetAsync("/healthz");
        using var client = _sidecar.CreateAdminClient();
        using var rest = await client.PostAsync("/v3/discovery:clusters", new StringContent("{}"));

        Assert.That(admin.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(rest.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    private static DiscoveryResponse Parse(string json, XdsResource resource)
    {
        var known = new List<MessageDescriptor> { resource.Decode()!.Descriptor }; // A type of the API.
        known.Add(Envoy.Config.Cluster.V3.Cluster.Descriptor);
        var parser = new JsonParser(JsonParser.Settings.Default.WithTypeRegistry(TypeRegistry.FromMessages(known)));
        return parser.Parse<DiscoveryResponse>(json);
    }

    private static async Task<int> CountAsync(HttpResponseMessage response)
    {
        using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return document.RootElement.GetProperty("resources").GetArrayLength();
    }

    private async Task<string?> VersionAsync(string collection, string more)
    {
        using var response = await PostAsync(collection, $$"""{ {{Node}} {{more}} }""");
        using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return document.RootElement.GetProperty("version_info").GetString();
    }

    private void PublishAll() =>
        _sidecar.Publish([.. TypedService.All.Select(static s => OneOfEachType.Of(s.TypeUrl, Name))]);

    private async Task<HttpResponseMessage> PostAsync(string collection, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await _client.PostAsync($"/v3/discovery:{collection}", content).DefaultTimeout();
    }
}
