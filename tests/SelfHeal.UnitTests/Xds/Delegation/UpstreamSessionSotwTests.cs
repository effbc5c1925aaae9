using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.Xds.Delegation;
using SelfHeal.Xds.Resources;
using static SelfHeal.UnitTests.Xds.TestResources;

namespace SelfHeal.UnitTests.Xds.Delegation;

internal sealed class UpstreamSessionSotwTests
{
    private UpstreamHarness _upstream = null!; // Set before each test.

    [SetUp]
    public void Create() => _upstream = new UpstreamHarness(isDelta: false);

    [Test]
    public void Acknowledge_Response_RestatesTheNamesWithItsVersionAndNonce()
    {
        _upstream.Ask(TypeUrl.ClusterLoadAssignment, "b", "a");
        var first = _upstream.Expect();
        _upstream.Give(TypeUrl.ClusterLoadAssignment, "n1", Endpoints("a"), Endpoints("b"));
        Assert.That(_upstream.Take(), Is.Null, "the client has not answered");

        _upstream.Acknowledge();

        var ack = _upstream.Expect();
        using (Assert.EnterMultipleScope())
        {
            Assert.That((first.Nonce, first.Version, first.Error), Is.EqualTo(("", "", (string?)null)));
            Assert.That((ack.Nonce, ack.Version, ack.Error), Is.EqualTo(("n1", "version-n1", (string?)null)));
            Assert.That(ack.Names, Is.EqualTo(new[] { "a", "b" }));
            Assert.That(ack.Names, Is.EqualTo(first.Names));
            Assert.That(_upstream.Take(), Is.Null);
        }
    }

    /// <summary>Istiod drops a change that comes with an error: it follows in a request of its own.</summary>
    [Test]
    public void Reject_NamesChangedMeanwhile_ErrorWithTheToldNamesAndThenTheNewOnes()
    {
        _upstream.Ask(TypeUrl.ClusterLoadAssignment, "a");
        _upstream.Expect();
        _upstream.Give(TypeUrl.ClusterLoadAssignment, "n1", Endpoints("a"));
        _upstream.Acknowledge();
        _upstream.Expect();
        _upstream.Give(TypeUrl.ClusterLoadAssignment, "n2", Endpoints("a", 2));
        _upstream.Ask(TypeUrl.ClusterLoadAssignment, "b");

        _upstream.Reject("bad endpoints");

        var (nack, change) = (_upstream.Expect(), _upstream.Expect());
        using (Assert.EnterMultipleScope())
        {
            Assert.That((nack.Nonce, nack.Version, nack.Error), Is.EqualTo(("n2", "version-n1", "bad endpoints")));
            Assert.That(nack.Names, Is.EqualTo(new[] { "a" }));
            Assert.That((change.Nonce, change.Version, change.Error), Is.EqualTo(("n2", "version-n1", (string?)null)));
            Assert.That(change.Names, Is.EqualTo(new[] { "a", "b" }));
            Assert.That(_upstream.Take(), Is.Null);
        }
    }

    [Test]
    public void Acknowledge_NamesChangedMeanwhile_IsOneRequest()
    {
        _upstream.Ask(TypeUrl.ClusterLoadAssignment, "a");
        _upstream.Expect();
        _upstream.Give(TypeUrl.ClusterLoadAssignment, "n1", Endpoints("a"));
        _upstream.Ask(TypeUrl.ClusterLoadAssignment, "b");

        _upstream.Acknowledge();

        var request = _upstream.Expect();
        Assert.That((request.Nonce, request.Error), Is.EqualTo(("n1", (string?)null)));
        Assert.That(request.Names, Is.EqualTo(new[] { "a", "b" }));
        Assert.That(_upstream.Take(), Is.Null);
    }

    /// <summary>A list without names says everything as long as none was named, and nothing from then on (XP).
    /// </summary>
    [Test]
    public void TryTakeRequest_Wildcard_IsSaidWhereAListWithoutNamesDoesNot()
    {
        _upstream.AskForAll(TypeUrl.Cluster);
        Assert.That(_upstream.Expect().Names, Is.Empty);
        _upstream.AskForAll(TypeUrl.Cluster, "a");
        Assert.That(_upstream.Expect().Names, Is.EqualTo(new[] { "a", "*" }));
        _upstream.Session.Ask(new("node", TypeUrl.Cluster, [], ["a"], Wildcard: true));
        Assert.That(_upstream.Expect().Names, Is.EqualTo(new[] { "*" }), "no names would be nothing");
        _upstream.Give(TypeUrl.Cluster, "n1", Cluster("b"));
        _upstream.Acknowledge();
        Assert.That(_upstream.Expect().Names, Is.EqualTo(new[] { "*" }));
        _upstream.Session.Ask(new("node", TypeUrl.Cluster, [], [], Wildcard: false));
        Assert.That(_upstream.Expect().Names, Is.Empty);
        _upstream.AskForAll(TypeUrl.Cluster);
        Assert.That(_upstream.Expect().Names, Is.EqualTo(new[] { "*" }));

        _upstream.Session.OnLost();
        _upstream.Session.OnConnected();
        Assert.That(_upstream.Expect().Names, Is.Empty, "nothing was named on this stream");
    }

    [Test]
    public void TryTakeRequest_WildcardOfATypeThatHasNoLegacyOne_IsSaid()
    {
        _upstream.AskForAll(TypeUrl.RouteConfiguration);
        Assert.That(_upstream.Expect().Names, Is.EqualTo(new[] { "*" }));
    }

    [Test]
    public void OnConnected_VersionOfTheEarlierStream_IsTold()
    {
        _upstream.AskForAll(TypeUrl.Cluster);
        _upstream.Expect();
        _upstream.Give(TypeUrl.Cluster, "n1", Cluster("a"));
        _upstream.Acknowledge();
        _upstream.Give(TypeUrl.Cluster, "n2", Cluster("a", 2));
        _upstream.Reject("bad cluster");

        _upstream.Session.OnLost();
        _upstream.Session.OnConnected();

        Assert.That(_upstream.Expect().Version, Is.EqualTo("version-n1"), "what was accepted last");
    }

    /// <summary>Absence deletes clusters, listeners and scoped routes, and says nothing of the others.</summary>
    [Test]
    public void OnResponse_FewerResources_DeletesOnlyOfTypesThatAreStatedWhole()
    {
        _upstream.AskForAll(TypeUrl.Cluster);
        _upstream.Ask(TypeUrl.RouteConfiguration, "a", "b");
        _upstream.Give(TypeUrl.Cluster, "n1", Cluster("a"), Cluster("b"));
        _upstream.Give(TypeUrl.RouteConfiguration, "n2", Route("a", "a"), Route("b", "b"));

        _upstream.Give(TypeUrl.Cluster, "n3", Cluster("b"));
        _upstream.Give(TypeUrl.RouteConfiguration, "n4", Route("b", "b", 2));

        Assert.That(_upstream.Names(TypeUrl.Cluster), Is.EqualTo(new[] { "b" }));
        Assert.That(_upstream.Names(TypeUrl.RouteConfiguration), Is.EqualTo(new[] { "a", "b" }));
        Assert.That(
            _upstream.Bytes(TypeUrl.RouteConfiguration, "b"), Is.EqualTo(Route("b", "b", 2).AnyBytes.ToArray()));
    }

    [Test]
    public void OnResponse_NameThatNobodyAskedFor_IsNotKept()
    {
        _upstream.Ask(TypeUrl.RouteConfiguration, "a");
        _upstream.Expect();

        Assert.That(_upstream.Give(TypeUrl.RouteConfiguration, "n1", Route("a", "a"), Route("b", "b")), Is.Empty);

        Assert.That(_upstream.Names(TypeUrl.RouteConfiguration), Is.EqualTo(new[] { "a" }));
    }

    [Test]
    public void OnResponse_Wrapped_IsTheSameWithNameTimeToLiveAndAliases()
    {
        _upstream.AskForAll(TypeUrl.Cluster);
        _upstream.Expect();

        var problem = _upstream.Session.OnResponse(Wrapped("n1", new RelayedResource
        {
            Name = "told",
            Version = "7",
            Resource = ByteString.CopyFrom(Cluster("a").AnyBytes.Span),
            Ttl = Duration.FromTimeSpan(TimeSpan.FromSeconds(90)).ToByteString(),
            Aliases = { "other" },
        }));

        Assert.That(problem, Is.Empty);
        var resource = _upstream.Session.Snapshot.Get(TypeUrl.Cluster).Resources.Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(resource.Name, Is.EqualTo("told"));
            Assert.That(resource.Ttl, Is.EqualTo(TimeSpan.FromSeconds(90)));
            Assert.That(resource.Aliases, Is.EqualTo(new[] { "other" }));
            Assert.That(resource.AnyBytes.ToArray(), Is.EqualTo(Cluster("a").AnyBytes.ToArray()));
        }
    }

    /// <summary>Behaviour 84: the content stays, although absence would delete it.</summary>
    [Test]
    public void OnResponse_WrappedHeartbeat_KeepsWhatWasGiven()
    {
        _upstream.AskForAll(TypeUrl.Cluster);
        _upstream.Expect();
        var ttl = Duration.FromTimeSpan(TimeSpan.FromSeconds(90)).ToByteString();
        var any = ByteString.CopyFrom(Cluster("a").AnyBytes.Span);
        _upstream.Session.OnResponse(Wrapped("n1", new RelayedResource { Name = "a", Resource = any, Ttl = ttl }));
        var before = _upstream.Session.Snapshot;

        var problem = _upstream.Session.OnResponse(Wrapped("n2", new RelayedResource { Name = "a", Ttl = ttl }));

        Assert.That(problem, Is.Empty);
        Assert.That(_upstream.Session.Snapshot, Is.SameAs(before));
        Assert.That(
            _upstream.Session.OnResponse(Wrapped("n3", new RelayedResource { Name = "b", Ttl = ttl })),
            Does.Contain("cannot be read"),
            "nothing is known under this name");
    }

    [Test]
    public void OnResponse_WrapperThatIsNone_IsRejected()
    {
        _upstream.AskForAll(TypeUrl.Cluster);
        _upstream.Expect();
        var any = new Any { TypeUrl = TypeUrl.Prefix + Resource.Descriptor.FullName, Value = Bytes(0xff) };

        var problem = _upstream.Session.OnResponse(
            new RelayedResponse { TypeUrl = TypeUrl.Cluster, Nonce = "n1", Resources = { any.ToByteString() } });

        Assert.That(problem, Does.StartWith("resources[0] of envoy.config.cluster.v3.Cluster cannot be read"));
    }

    [TestCase(-1)]
    [TestCase(0)]
    public void OnResponse_TimeToLiveThatIsNone_IsRejected(int seconds)
    {
        _upstream.AskForAll(TypeUrl.Cluster);
        _upstream.Expect();
        var resource = new RelayedResource
        {
            Name = "a",
            Resource = ByteString.CopyFrom(Cluster("a").AnyBytes.Span),
            Ttl = new Duration { Seconds = seconds, Nanos = seconds }.ToByteString(),
        };

        var problem = _upstream.Session.OnResponse(Wrapped("n1", resource));

        // An empty duration is no bytes, which is none at all.
        Assert.That(problem.Length > 0, Is.EqualTo(seconds != 0));
    }

    /// <summary>Resources of a type that is not known have no names: their place must do.</summary>
    [Test]
    public void OnResponse_OpaqueType_IsStatedWholeAndKeptByPlace()
    {
        const string opaque = TypeUrl.Prefix + "istio.networking.nds.v1.NameTable";
        _upstream.AskForAll(opaque);
        Assert.That(_upstream.Expect().Names, Is.Empty);

        _upstream.Give(
            opaque, "n1", XdsResource.FromBytes(opaque, "", [1, 2]), XdsResource.FromBytes(opaque, "", [1, 2]));
        Assert.That(_upstream.Names(opaque), Is.EqualTo(new[] { "#000000", "#000001" }));
        Assert.That(_upstream.Session.MayAnswer(opaque));
        _upstream.Give(opaque, "n2", XdsResource.FromBytes(opaque, "", [3]));

        Assert.That(_upstream.Names(opaque), Is.EqualTo(new[] { "#000000" }));
        _upstream.AskForAll(opaque, "some");
        Assert.That(_upstream.Session.MayAnswer(opaque), Is.False, "the answer to this question must come first");
        Assert.That(_upstream.Expect().Names, Is.EqualTo(new[] { "some" }));
    }

    private static ByteString Bytes(params byte[] bytes) => ByteString.CopyFrom(bytes);

    private static RelayedResponse Wrapped(string nonce, RelayedResource resource) => new()
    {
        TypeUrl = TypeUrl.Cluster,
        Nonce = nonce,
        Resources =
        {
            new Any { TypeUrl = TypeUrl.Prefix + Resource.Descriptor.FullName, Value = resource.ToByteString() }
                .ToByteString(),
        },
    };
}
