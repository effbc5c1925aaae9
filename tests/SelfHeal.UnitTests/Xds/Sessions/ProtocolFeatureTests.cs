using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.Filters.Http.Router.V3;
using Envoy.Service.Discovery.V3;
using Envoy.Service.Runtime.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Sessions;
using static SelfHeal.UnitTests.Xds.TestResources;

namespace SelfHeal.UnitTests.Xds.Sessions;

/// <summary>What only some types or clients use: time to live, other names, collections, reasons.</summary>
public sealed class ProtocolFeatureTests
{
    private const string Rds = TypeUrl.RouteConfiguration;
    private const string Vhds = TypeUrl.VirtualHost;
    private const string Ttl = "xds.config.supports-resource-ttl";
    private const string Wrapper = "xds.config.resource-in-sotw";
    private const string Unknown = "type.googleapis.com/no.such.Type";

    private static readonly XdsResource Timed = Runtime("layer").WithTtl(TimeSpan.FromSeconds(10));

    [Test]
    public void OnRequest_UnknownType_B05_IsServedInDeltaToo()
    {
        var client = new DeltaHarness(Snapshot(XdsResource.FromBytes(Unknown, "x", [1, 2])));
        client.Subscribe("type.googleapis.com/another.Type", "x");
        client.ExpectAndAck("type.googleapis.com/another.Type", [], ["x"]);
        client.Subscribe(Unknown);
        client.ExpectAndAck(Unknown, ["x"], []);
        Assert.That(client.Session.End, Is.Null);
    }

    [Test]
    public void OnTick_TtlNotAnnounced_B08_B85_IsNotUsed()
    {
        var sotw = new SotwHarness(Snapshot(Timed)) { Features = [Ttl] };
        sotw.Subscribe(TypeUrl.Runtime, "layer");
        Assert.That(sotw.ExpectAndAck(TypeUrl.Runtime).Resources.Single().TypeUrl, Is.EqualTo(TypeUrl.Runtime));
        var delta = new DeltaHarness(Snapshot(Timed));
        delta.Subscribe(TypeUrl.Runtime, "layer");
        Assert.That(delta.ExpectAndAck(TypeUrl.Runtime).Resources.Single().Ttl, Is.Null);
        foreach (var seconds in new[] { 0, 5, 60 })
        {
            sotw.Tick(seconds);
            delta.Tick(seconds);
            sotw.ExpectNothing();
            delta.ExpectNothing();
        }
        // That the time to live goes says nothing to a client that was not told of it.
        delta.Session.OnSnapshot(Snapshot(Timed.WithTtl(null)));
        delta.ExpectNothing();
    }

    [Test]
    public void OnTick_TtlInDelta_B84_B86_IsRenewedWithoutContentAndEndsWithAResend()
    {
        var client = new DeltaHarness(Snapshot(Timed)) { Features = [Ttl] };
        client.Subscribe(TypeUrl.Runtime, "layer");
        var first = client.ExpectAndAck(TypeUrl.Runtime).Resources.Single();
        Assert.That((first.Ttl.Seconds, first.Resource_ is null), Is.EqualTo((10L, false)));
        client.Tick(0);
        client.Tick(4.9);
        client.ExpectNothing();
        client.Tick(0.1);
        var heartbeat = client.ExpectAndAck(TypeUrl.Runtime).Resources.Single();
        Assert.That(
            (heartbeat.Version, heartbeat.Name, heartbeat.Ttl.Seconds, heartbeat.Resource_),
            Is.EqualTo((first.Version, "layer", 10L, (Any?)null)));
        client.ExpectNothing();
        client.Session.OnSnapshot(Snapshot(Timed.WithTtl(null)));
        var last = client.ExpectAndAck(TypeUrl.Runtime).Resources.Single();
        Assert.That((last.Ttl, last.Resource_ is null), Is.EqualTo(((Duration?)null, false)));
        client.Tick(60);
        client.ExpectNothing();
    }

    [Test]
    public void OnTick_TtlInSotw_B84_B85_WrapsAndRenewsAtTheSameVersion()
    {
        var client = new SotwHarness(Snapshot(Timed)) { Features = [Ttl, Wrapper] };
        client.Subscribe(TypeUrl.Runtime, "layer");
        var first = client.Session.TryTakeResponse(out var response) ? Wrapped(response) : default;
        Assert.That((first.Resource.Name, first.Resource.Ttl.Seconds), Is.EqualTo(("layer", 10L)));
        Assert.That(first.Resource.Resource_.TypeUrl, Is.EqualTo(TypeUrl.Runtime));
        client.Request(TypeUrl.Runtime, first.Message.Nonce, null);
        client.Tick(0);
        client.Tick(5);
        var heartbeat = client.Session.TryTakeResponse(out response) ? Wrapped(response) : default;
        Assert.That(heartbeat.Message.VersionInfo, Is.EqualTo(first.Message.VersionInfo));
        Assert.That((heartbeat.Resource.Ttl.Seconds, heartbeat.Resource.Resource_), Is.EqualTo((10L, (Any?)null)));
    }

    [Test]
    public void OnTick_TtlOfAFullSet_B84_RepeatsTheSetBecauseAbsenceDeletes()
    {
        var client = new SotwHarness(Snapshot(
            Cluster("a").WithTtl(TimeSpan.FromSeconds(10)), Endpoints("a"), Cluster("b"), Endpoints("b")))
        {
            Features = [Ttl, Wrapper],
        };
        client.Subscribe(TypeUrl.Cluster);
        Assert.That(client.Session.TryTakeResponse(out var response), Is.True);
        client.Request(TypeUrl.Cluster, response?.Nonce ?? string.Empty, null);
        client.Tick(0);
        client.Tick(5);
        Assert.That(client.Session.TryTakeResponse(out var heartbeat), Is.True);
        Assert.That((heartbeat?.ResourceCount, heartbeat?.Version), Is.EqualTo((2, response?.Version)));
    }

    [Test]
    public void OnRequest_OtherName_B68_MatchesAndCarriesAllNames()
    {
        var host = Host("routes/shop", "routes/shop.example", "routes/www.shop.example");
        var client = new DeltaHarness(Snapshot(host));
        client.Subscribe(Vhds, "routes/www.shop.example");
        var response = client.ExpectAndAck(Vhds);
        Assert.That(response.Resources.Single().Name, Is.EqualTo("routes/shop"));
        Assert.That(
            response.Resources.Single().Aliases,
            Is.EqualTo(new[] { "routes/shop.example", "routes/www.shop.example" }));
        client.ExpectNothing();
        client.Session.OnSnapshot(Snapshot(Host("routes/shop", 2, "routes/www.shop.example")));
        client.ExpectAndAck(Vhds, ["routes/shop"], []);
        client.Unsubscribe(Vhds, "routes/www.shop.example");
        client.Session.OnSnapshot(Snapshot(Host("routes/shop", 3, "routes/www.shop.example")));
        client.ExpectNothing();
    }

    [Test]
    public void OnRequest_VirtualHosts_B72_AreAnsweredOnDemandAndInDeltaOnly()
    {
        var snapshot = Snapshot(Host("routes/shop", "routes/shop.example"));
        var sotw = new SotwHarness(snapshot);
        sotw.Subscribe(Vhds, "routes/shop");
        sotw.ExpectNothing();
        var client = new DeltaHarness(snapshot);
        client.Subscribe(Vhds);
        client.ExpectNothing();
        client.Subscribe(Vhds, "routes/shop.example");
        client.ExpectAndAck(Vhds, ["routes/shop"], []);
        // Envoy ends the request that waits for the host when it gets an empty resource under the name it asked for.
        client.Subscribe(Vhds, "routes/none.example");
        Assert.That(client.Session.TryTakeResponse(out var response), Is.True);
        var missing = DeltaDiscoveryResponse.Parser.ParseFrom(response?.ToArray()).Resources.Single();
        Assert.That((missing.Name, missing.Resource_), Is.EqualTo(("routes/none.example", (Any?)null)));
        Assert.That(missing.Aliases, Is.EqualTo(new[] { "routes/none.example" }));
    }

    [Test]
    public void OnRequest_Collection_B88_SubscribesByPrefixWithTheSameContext()
    {
        const string Leds = TypeUrl.LbEndpoint;
        const string Glob = "xdstp://x/envoy.config.endpoint.v3.LbEndpoint/shop/*?zone=1&env=a";
        var client = new DeltaHarness(Snapshot(
            Endpoint("shop/one?env=a&zone=1"), Endpoint("shop/two?zone=1&env=a"), Endpoint("shop/three?env=b&zone=1"),
            Endpoint("other/one?env=a&zone=1")));
        client.Subscribe(Leds, Glob);
        client.ExpectAndAck(Leds, [Name("shop/one?env=a&zone=1"), Name("shop/two?env=a&zone=1")], []);
        client.Session.OnSnapshot(Snapshot(Endpoint("shop/one?env=a&zone=1"), Endpoint("shop/four?env=a&zone=1")));
        client.ExpectAndAck(Leds, [Name("shop/four?env=a&zone=1")], [Name("shop/two?env=a&zone=1")]);
        client.Unsubscribe(Leds, "xdstp://x/envoy.config.endpoint.v3.LbEndpoint/shop/*?env=a&zone=1");
        client.Session.OnSnapshot(Snapshot(Endpoint("shop/five?env=a&zone=1")));
        client.ExpectNothing();
    }

    [Test]
    public void OnRequest_XdstpName_B88_IsFoundWhateverTheOrderOfItsContext()
    {
        var client = new SotwHarness(Snapshot(Endpoint("shop/one?b=2&a=1")));
        client.Subscribe(TypeUrl.LbEndpoint, Name("shop/one?b=2&a=1"));
        Assert.That(client.Expect(TypeUrl.LbEndpoint).Resources, Has.Count.EqualTo(1));
    }

    [Test]
    public void OnRequest_MissingName_B89_IsExplainedOnce()
    {
        var client = new DeltaHarness(Snapshot(Service("a")));
        client.Subscribe(Rds, "a-route", "none");
        Assert.That(client.Session.TryTakeResponse(out var response), Is.True);
        Assert.That(Problems(response, 9), Is.EqualTo(new[] { ("none", 5) }));
        client.Request(Rds, response?.Nonce ?? string.Empty);
        client.Session.OnSnapshot(Snapshot(Service("a", 2)));
        Assert.That(client.Session.TryTakeResponse(out response), Is.True);
        Assert.That(Problems(response, 9), Is.Empty);
    }

    [Test]
    public void OnRequest_MissingNameInSotw_B89_IsExplainedWithWhatIsThere()
    {
        var client = new SotwHarness(Snapshot(Service("a")));
        client.Subscribe(Rds, "none");
        client.ExpectNothing();
        client.Subscribe(Rds, "none", "a-route");
        Assert.That(client.Session.TryTakeResponse(out var response), Is.True);
        Assert.That(Problems(response, 7), Is.EqualTo(new[] { ("none", 5) }));
        var silent = new SotwHarness(
            Snapshot(Service("a")), new SessionOptions { StreamId = "s", ReportResourceErrors = false });
        silent.Subscribe(Rds, "none", "a-route");
        Assert.That(silent.Session.TryTakeResponse(out response), Is.True);
        Assert.That(Problems(response, 7), Is.Empty);
    }

    [Test]
    public void OnRequest_NotAllowed_B89_IsAsIfMissingAndSaysWhy()
    {
        var access = new ResourceAccess((_, name) => !name.StartsWith('b'));
        var options = new SessionOptions { StreamId = "s", AccessOf = node => node.Id is "gateway-1" ? access : null };
        var client = new DeltaHarness(Snapshot([.. Service("a"), .. Service("b")]), options);
        client.Subscribe(TypeUrl.Cluster);
        client.ExpectAndAck(TypeUrl.Cluster, ["a"], []);
        client.Subscribe(Rds, "a-route", "b-route");
        Assert.That(client.Session.TryTakeResponse(out var response), Is.True);
        var message = DeltaDiscoveryResponse.Parser.ParseFrom(response?.ToArray());
        Assert.That(DeltaHarness.Names(message), Is.EqualTo(new[] { "a-route" }));
        Assert.That(message.RemovedResources, Is.EqualTo(new[] { "b-route" }));
        Assert.That(Problems(response, 9), Is.EqualTo(new[] { ("b-route", 7) }));
        var events = new List<SessionEvent>();
        while (client.Session.TryTakeEvent(out var happened))
            events.Add(happened);
        Assert.That(
            events.OfType<SessionEvent.Subscribed>().Single(e => e.TypeUrl == Rds).Added,
            Is.EqualTo(new[] { "a-route" }),
            "nobody waits for the other one");
    }

    [Test]
    public void OnSnapshot_ManyChanged_B93_GoInOneResponsePerType([Values] bool delta)
    {
        var names = Enumerable.Range(0, 100).Select(number => $"s{number:00}").ToArray();
        string[] routes = [.. names.Select(name => $"{name}-route")];
        var before = Snapshot([.. names.SelectMany(name => Service(name))]);
        var after = Snapshot([.. names.SelectMany(name => Service(name, 2))]);
        if (delta)
        {
            var client = new DeltaHarness(before);
            client.Subscribe(Rds, routes);
            client.ExpectAndAck(Rds);
            client.Session.OnSnapshot(after);
            client.ExpectAndAck(Rds, routes, []);
            client.ExpectNothing();
        }
        else
        {
            var client = new SotwHarness(before);
            client.Subscribe(Rds, routes);
            client.ExpectAndAck(Rds);
            client.Session.OnSnapshot(after);
            Assert.That(client.ExpectAndAck(Rds).Resources, Has.Count.EqualTo(100));
            client.ExpectNothing();
        }
    }

    [Test]
    public void OnRequest_OtherTypes_AreServedByName([Values] bool delta)
    {
        var scoped = XdsResource.FromMessage(new ScopedRouteConfiguration
        {
            Name = "scope",
            RouteConfigurationName = "a-route",
            Key = new ScopedRouteConfiguration.Types.Key
            {
                Fragments = { new ScopedRouteConfiguration.Types.Key.Types.Fragment { StringKey = "k" } },
            },
        });
        var extension = XdsResource.FromMessage(
            new TypedExtensionConfig { Name = "filter", TypedConfig = Any.Pack(new Router()) });
        var snapshot = Snapshot([.. Service("a"), scoped, extension, Runtime("layer")]);
        foreach (var resource in new[] { scoped, extension, Runtime("layer") })
        {
            if (delta)
            {
                var client = new DeltaHarness(snapshot);
                client.Subscribe(resource.TypeUrl, resource.Name);
                client.ExpectAndAck(resource.TypeUrl, [resource.Name], []);
            }
            else
            {
                var client = new SotwHarness(snapshot);
                client.Subscribe(resource.TypeUrl, resource.Name);
                Assert.That(SotwHarness.Names(client.Expect(resource.TypeUrl)), Is.EqualTo(new[] { resource.Name }));
            }
        }
    }

    private static XdsResource Runtime(string name) => XdsResource.FromMessage(
        new Runtime { Name = name, Layer = new Struct { Fields = { ["key"] = Value.ForNumber(1) } } });

    private static XdsResource Host(string name, params string[] aliases) => Host(name, 1, aliases);

    private static XdsResource Host(string name, int knob, params string[] aliases)
    {
        var host = new VirtualHost { Name = name, Domains = { $"{name}-{knob}" } };
        return XdsResource.FromMessage(host).WithAliases(aliases);
    }

    private static string Name(string path) => $"xdstp://x/envoy.config.endpoint.v3.LbEndpoint/{path}";

    private static XdsResource Endpoint(string path) =>
        XdsResource.FromBytes(TypeUrl.LbEndpoint, Name(path), new LbEndpoint { EndpointName = path }.ToByteArray());

    private static (DiscoveryResponse Message, Resource Resource) Wrapped(XdsResponse response)
    {
        var message = DiscoveryResponse.Parser.ParseFrom(response.ToArray());
        return (message, message.Resources.Single().Unpack<Resource>());
    }

    /// <summary>Name and code of the errors in a response; the pinned API does not know the field.</summary>
    private static List<(string Name, int Code)> Problems(XdsResponse? response, int field)
    {
        var problems = new List<(string Name, int Code)>();
        var input = new CodedInputStream(response?.ToArray() ?? []);
        for (var tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
        {
            if (WireFormat.GetTagFieldNumber(tag) != field)
            {
                input.SkipLastField();
                continue;
            }
            var error = new CodedInputStream(input.ReadBytes().ToByteArray());
            Assert.That(error.ReadTag(), Is.EqualTo(10));
            var name = ResourceName.Parser.ParseFrom(error.ReadBytes()).Name;
            Assert.That(error.ReadTag(), Is.EqualTo(18));
            problems.Add((name, Google.Rpc.Status.Parser.ParseFrom(error.ReadBytes()).Code));
        }
        return problems;
    }
}
