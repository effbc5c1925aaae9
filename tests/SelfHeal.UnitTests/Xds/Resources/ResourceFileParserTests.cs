using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Google.Protobuf.Reflection;
using SelfHeal.Xds.Resources;

namespace SelfHeal.UnitTests.Xds.Resources;

public sealed class ResourceFileParserTests
{
    private const string ClusterHead = "\"@type\": type.googleapis.com/envoy.config.cluster.v3.Cluster\nname: a\n";

    [TestCase("\"@type\": T\nname: a", 1)]
    [TestCase("- \"@type\": T\n  name: a\n- \"@type\": T\n  name: b", 2)]
    [TestCase("version_info: x\nresources:\n- \"@type\": T\n  name: a", 1)]
    [TestCase("\"@type\": T\nname: a\n---\n\"@type\": T\nname: b\n---\n", 2)]
    [TestCase("{\"resources\": [\t{\"@type\": \"T\",\n\t\"name\": \"a\"}]}", 1)]
    [TestCase("", 0)]
    [TestCase("resources: []", 0)]
    public void Parse_EveryForm_FindsTheResources(string text, int count)
    {
        var result = Parse(
            text.Replace("T", "type.googleapis.com/envoy.config.cluster.v3.Cluster", StringComparison.Ordinal));
        Assert.That(result.Errors, Is.Empty);
        Assert.That(result.Resources, Has.Length.EqualTo(count));
    }

    [Test]
    public void Parse_Values_FollowTheJsonMapping()
    {
        var cluster = One<Cluster>(ClusterHead + """
            type: EDS
            connect_timeout: 0.25s
            perConnectionBufferLimitBytes: "32768"
            lbPolicy: 1
            eds_cluster_config: { eds_config: { ads: {}, resource_api_version: V3 } }
            common_lb_config: { healthy_panic_threshold: { value: 1e1 } }
            metadata:
              filter_metadata:
                z: { text: plain, number: 1.5, "yes": true, nothing: null, list: [1, "2"] }
                a: {}
            circuit_breakers:
            """);
        Assert.Multiple(() =>
        {
            Assert.That(cluster.ConnectTimeout.ToTimeSpan(), Is.EqualTo(TimeSpan.FromMilliseconds(250)));
            Assert.That(cluster.PerConnectionBufferLimitBytes, Is.EqualTo(32768));
            Assert.That(cluster.LbPolicy, Is.EqualTo(Cluster.Types.LbPolicy.LeastRequest));
            Assert.That(cluster.EdsClusterConfig.EdsConfig.ResourceApiVersion, Is.EqualTo(ApiVersion.V3));
            Assert.That(cluster.CommonLbConfig.HealthyPanicThreshold.Value, Is.EqualTo(10));
            Assert.That(cluster.Metadata.FilterMetadata["z"].Fields["number"].NumberValue, Is.EqualTo(1.5));
            Assert.That(
                cluster.Metadata.FilterMetadata["z"].Fields["list"].ListValue.Values[1].StringValue, Is.EqualTo("2"));
            Assert.That(cluster.CircuitBreakers, Is.Null);
        });
    }

    [Test]
    public void Parse_NestedAny_IsEncodedByItsOwnType()
    {
        var listener = One<Listener>("""
            "@type": type.googleapis.com/envoy.config.listener.v3.Listener
            name: l
            filter_chains:
            - filters:
              - name: hcm
                typed_config:
                  "@type": HCM
                  stat_prefix: ingress
                  http_filters:
                  - name: router
                    typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }
            """.Replace("HCM", TypeUrl.Prefix + HttpConnectionManager.Descriptor.FullName, StringComparison.Ordinal));
        var manager = listener.FilterChains[0].Filters[0].TypedConfig.Unpack<HttpConnectionManager>();
        Assert.That(manager.StatPrefix, Is.EqualTo("ingress"));
        Assert.That(manager.HttpFilters[0].TypedConfig.TypeUrl, Does.EndWith("router.v3.Router"));
    }

    [Test]
    public void Parse_AnchorsAndMergeKeys_AreResolved()
    {
        var text = """
            - &base
              "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
              name: a
              connect_timeout: 3s
            - <<: *base
              name: b
            """;
        var resources = Parse(text).Resources;
        Assert.That(((Cluster?)resources[1].Decode())?.ConnectTimeout.Seconds, Is.EqualTo(3));
    }

    [TestCase("clusterheader: x", 3, 1, "clusterheader", "has no field")]
    [TestCase("connect_timeout: 5", 3, 18, "connect_timeout", "duration")]
    [TestCase("connect_timeout: { seconds: 5 }", 3, 18, "connect_timeout", "duration")]
    [TestCase("type: EDSS", 3, 7, "type", "'EDSS' is no")]
    [TestCase("alt_stat_name: 5", 3, 16, "alt_stat_name", "write \"5\" with quotes")]
    [TestCase("alt_stat_name: [x]", 3, 16, "alt_stat_name", "must be a string")]
    [TestCase("ignore_health_on_host_removal: \"true\"", 3, 32, "ignore_health_on_host_removal", "without quotes")]
    [TestCase(
        "per_connection_buffer_limit_bytes: -1",
        3,
        36,
        "per_connection_buffer_limit_bytes",
        "outside of [0, 4294967295]")]
    [TestCase(
        "per_connection_buffer_limit_bytes: 4294967296", 3, 36, "per_connection_buffer_limit_bytes", "outside of")]
    [TestCase("per_connection_buffer_limit_bytes: 1.5", 3, 36, "per_connection_buffer_limit_bytes", "whole number")]
    [TestCase("filters: {}", 3, 10, "filters", "must be a list")]
    [TestCase(
        "filters: [{ name: x, typed_config: { \"@type\": a/b.C } }]",
        3,
        47,
        "filters[0].typed_config",
        "unknown @type")]
    [TestCase(
        "typed_extension_protocol_options: { k: { x: 1 } }",
        3,
        40,
        "typed_extension_protocol_options[\"k\"]",
        "no '@type'")]
    [TestCase("type: EDS\ncluster_type: {}", 4, 1, "cluster_type", "only one of 'cluster_discovery_type'")]
    [TestCase("alt_stat_name: x\naltStatName: y", 4, 1, "alt_stat_name", "set twice")]
    [TestCase(
        "circuit_breakers: { thresholds: [{ maxRequests: x }] }",
        3,
        49,
        "circuit_breakers.thresholds[0].max_requests",
        "whole")]
    public void Parse_WrongField_IsToldWithItsPlace(string yaml, int line, int column, string field, string message)
    {
        var error = Parse(ClusterHead + yaml).Errors.Single();
        Assert.Multiple(() =>
        {
            Assert.That(
                (error.File, error.Line, error.Column, error.Field), Is.EqualTo(("f.yaml", line, column, field)));
            Assert.That(error.Message, Does.Contain(message));
        });
    }

    [TestCase("name: a", "no '@type'")]
    [TestCase("5", "must be a mapping")]
    [TestCase("\"@type\": type.googleapis.com/no.Such", "unknown @type")]
    [TestCase("\"@type\": type.googleapis.com/envoy.config.cluster.v3.Cluster", "must not be empty")]
    [TestCase("\"@type\": type.googleapis.com/envoy.config.core.v3.Node", "is not a resource")]
    [TestCase("a: [", "")]
    [TestCase("a: [1\nb: 2", "cannot be read")]
    [TestCase("a: 1\na: 2", "")]
    [TestCase("resources: 5", "must be a list")]
    [TestCase("resources: []\nextra: 1", "unknown field")]
    public void Parse_WrongFile_IsAnErrorValue(string text, string message) =>
        Assert.That(Parse(text).Errors.Single().Message, Does.Contain(message));

    [Test]
    public void Parse_SeveralErrorsInSeveralFiles_TellsAll()
    {
        var result = ResourceFileParser.Parse(
        [
            new ResourceFile("one.yaml", ClusterHead + "x: 1\ny: 2"),
            new ResourceFile("two.yaml", "a: ["),
            new ResourceFile("three.yaml", ClusterHead),
            new ResourceFile("four.yaml", ClusterHead),
        ]);
        Assert.That(
            result.Errors.Select(error => error.File),
            Is.EqualTo(new[] { "one.yaml", "one.yaml", "two.yaml", "four.yaml" }));
        Assert.That(result.Errors[^1].Message, Is.EqualTo("'a' is already defined at three.yaml:1"));
        Assert.That(result.Resources, Has.Length.EqualTo(1));
    }

    [Test]
    public void Parse_NestsTooDeep_IsAnErrorAndNoStackOverflow()
    {
        Assert.That(Parse(new string('[', 100_000)).Errors.Single().Message, Does.Contain("nests deeper"));
        Assert.That(
            Parse(string.Concat(Enumerable.Repeat("{a: ", 100_000))).Errors.Single().Message,
            Does.Contain("nests deeper"));
    }

    [Test]
    public void Parse_AliasesThatMultiply_AreBounded()
    {
        var text = "\"@type\": type.googleapis.com/envoy.config.route.v3.RouteConfiguration\nname: r\n"
            + "virtual_hosts:\n- &h { name: h, domains: &d [" + string.Join(",", Enumerable.Repeat("x", 2000)) + "] }\n"
            + string.Concat(Enumerable.Repeat("- *h\n", 1000));
        Assert.That(Parse(text).Errors[0].Message, Does.Contain("holds more than"));
    }

    [Test]
    public void Parse_MapOrder_DoesNotChangeTheBytes()
    {
        const string Head = ClusterHead + "metadata: { filter_metadata: ";
        var first = Parse(Head + "{ a: {x: 1, y: 2}, b: {} } }").Resources[0];
        var second = Parse(Head + "{ b: {}, a: {y: 2, x: 1} } }").Resources[0];
        Assert.That(second.ContentHash, Is.EqualTo(first.ContentHash));
    }

    [Test]
    public void Parse_DefaultType_IsUsedWhereNoneIsWritten()
    {
        var result = ResourceFileParser.Parse([new ResourceFile("f", "- name: r", TypeUrl.RouteConfiguration)]);
        Assert.That(result.Resources[0].Decode(), Is.InstanceOf<RouteConfiguration>());
    }

    [Test]
    public void Format_Resource_ParsesBackToTheSameContent()
    {
        foreach (var resource in TestResources.Service("a"))
        {
            var json = ResourceJson.Format(resource) ?? string.Empty;
            var back = ResourceFileParser.Parse([new ResourceFile("f.json", json, resource.TypeUrl)]);
            Assert.That(back.Errors, Is.Empty);
            Assert.That(back.Resources[0].ContentHash, Is.EqualTo(resource.ContentHash));
        }
    }

    [Test]
    public void Find_EveryTopLevelMessageOfTheApi_IsFoundByItsName()
    {
        var missing = new List<string>();
        foreach (var type in typeof(Cluster).Assembly.GetExportedTypes().Where(
            type => type.Name.EndsWith("Reflection", StringComparison.Ordinal)))
        {
            if (type.GetProperty("Descriptor")?.GetValue(null) is not FileDescriptor file)
                continue;
            missing.AddRange(file.MessageTypes.Where(
                message => ResourceTypes.Find(message.FullName) is null).Select(message => message.FullName));
        }
        Assert.That(missing, Is.Empty);
    }

    private static ResourceParseResult Parse(string text) =>
        ResourceFileParser.Parse([new ResourceFile("f.yaml", text)]);

    private static T One<T>(string text)
        where T : class
    {
        var result = Parse(text);
        Assert.That(result.Errors, Is.Empty);
        return result.Resources.Single().Decode() as T ?? throw new AssertionException("another type");
    }
}
