using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.Xds.Delegation;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Sessions;
using static SelfHeal.UnitTests.Xds.TestResources;

namespace SelfHeal.UnitTests.Xds.Delegation;

internal sealed class UpstreamSessionDeltaTests
{
    private UpstreamHarness _upstream = null!; // Set before each test.

    [SetUp]
    public void Create() => _upstream = new UpstreamHarness(isDelta: true);

    /// <summary>Istiod drops a change that comes with an error or with a nonce that is no longer the latest.</summary>
    [TestCase(false)]
    [TestCase(true)]
    public void TryTakeRequest_AnswerAndChangeAreDue_AreTwoRequests(bool isRejected)
    {
        _upstream.Ask(TypeUrl.ClusterLoadAssignment, "a");
        _upstream.Expect();
        _upstream.Give(TypeUrl.ClusterLoadAssignment, "n1", Endpoints("a"));
        _upstream.Ask(TypeUrl.ClusterLoadAssignment, "b");
        _upstream.Drop(TypeUrl.ClusterLoadAssignment, "a");

        if (isRejected)
            _upstream.Reject("bad endpoints");
        else
            _upstream.Acknowledge();

        var (answer, change) = (_upstream.Expect(), _upstream.Expect());
        using (Assert.EnterMultipleScope())
        {
            Assert.That((answer.Nonce, answer.Error), Is.EqualTo(("n1", isRejected ? "bad endpoints" : null)));
            Assert.That(answer.Names.Concat(answer.Unsubscribed).Concat(answer.Held), Is.Empty);
            Assert.That((change.Nonce, change.Error), Is.EqualTo(("", (string?)null)));
            Assert.That(change.Names, Is.EqualTo(new[] { "b" }));
            Assert.That(change.Unsubscribed, Is.EqualTo(new[] { "a" }));
            Assert.That(change.Held, Is.Empty, "only the first request of a stream tells what is held");
            Assert.That(_upstream.Take(), Is.Null);
        }
    }

    [Test]
    public void TryTakeRequest_Wildcard_IsSaidWhereAnEmptyRequestDoesNot()
    {
        _upstream.AskForAll(TypeUrl.Cluster);
        Assert.That(_upstream.Expect().Names, Is.Empty, "the first request without names asks for everything");
        _upstream.AskForAll(TypeUrl.Listener, "l");
        Assert.That(_upstream.Expect().Names, Is.EqualTo(new[] { "l", "*" }));
        _upstream.AskForAll(TypeUrl.RouteConfiguration);
        Assert.That(_upstream.Expect().Names, Is.EqualTo(new[] { "*" }), "of this type it asks for nothing");

        _upstream.Session.Ask(new("node", TypeUrl.Cluster, [], [], Wildcard: false));
        Assert.That(_upstream.Expect().Unsubscribed, Is.EqualTo(new[] { "*" }));
        _upstream.AskForAll(TypeUrl.Cluster);
        Assert.That(_upstream.Expect().Names, Is.EqualTo(new[] { "*" }));
    }

    /// <summary>Behaviour 63, as a client. Istiod's versions are empty; others' are given back.</summary>
    [Test]
    public void OnConnected_WhatIsHeld_IsToldWithTheVersionsThatItCameWith()
    {
        _upstream.AskForAll(TypeUrl.Cluster);
        Assert.That(_upstream.Expect().Held, Is.Empty);
        _upstream.Give(TypeUrl.Cluster, "n1", Cluster("a"), Cluster("b"));
        _upstream.Give(TypeUrl.Cluster, "", [Cluster("c")], "b");
        _upstream.Give(TypeUrl.Cluster, "n3", Cluster("a"));

        _upstream.Session.OnLost();
        _upstream.Session.OnConnected();

        var request = _upstream.Expect();
        Assert.That(request.Held, Is.EqualTo(new[] { "a=n3", "c=" }), "the same content has another version now");
        Assert.That((request.Names, request.Nonce), Is.EqualTo((Array.Empty<string>(), "")));
    }

    [Test]
    public void OnConnected_NamesThatWereGivenUpMeanwhile_AreNeitherToldNorKept()
    {
        _upstream.Ask(TypeUrl.ClusterLoadAssignment, "a", "b");
        _upstream.Expect();
        _upstream.Give(TypeUrl.ClusterLoadAssignment, "n1", Endpoints("a"), Endpoints("b"));
        _upstream.Session.OnLost();
        _upstream.Drop(TypeUrl.ClusterLoadAssignment, "a");

        _upstream.Session.OnConnected();

        var request = _upstream.Expect();
        Assert.That(request.Names, Is.EqualTo(new[] { "b" }));
        Assert.That(request.Held, Is.EqualTo(new[] { "b=n1" }));
        Assert.That(_upstream.Names(TypeUrl.ClusterLoadAssignment), Is.EqualTo(new[] { "b" }));
    }

    /// <summary>The client holds more than this process has ever seen: the upstream tells what of it is gone.</summary>
    [Test]
    public void Resume_NamesThatAreNotKnown_AreToldAndAwaited()
    {
        _upstream.AskForAll(TypeUrl.Cluster);
        var held = ClientContents.Of(Snapshot(Cluster("a"), Cluster("b"), Endpoints("a"), Endpoints("b"))
            .Get(TypeUrl.Cluster));
        _upstream.Session.Resume(new SessionEvent.Resumed(TypeUrl.Cluster, held));

        Assert.That(_upstream.Expect().Held, Is.EqualTo(new[] { "a=", "b=" }));
        Assert.That(_upstream.Session.IsAwaited(TypeUrl.Cluster, "b"));
        _upstream.Give(TypeUrl.Cluster, "n1", [Cluster("a")], "b");

        Assert.That(_upstream.Session.IsAwaited(TypeUrl.Cluster, "a"), Is.False);
        Assert.That(_upstream.Session.IsAwaited(TypeUrl.Cluster, "b"), Is.False);
    }

    [Test]
    public void OnResponse_NameThatDoesNotExist_IsAwaitedNoMore()
    {
        _upstream.Ask(TypeUrl.RouteConfiguration, "a", "b");
        Assert.That(_upstream.Session.IsAwaited(TypeUrl.RouteConfiguration, "a"));
        _upstream.Expect();

        _upstream.Give(TypeUrl.RouteConfiguration, "n1", [], "a");

        Assert.That(_upstream.Session.IsAwaited(TypeUrl.RouteConfiguration, "a"), Is.False);
        Assert.That(_upstream.Session.IsAwaited(TypeUrl.RouteConfiguration, "b"));
        // Given up and asked for again before that is told: the upstream's word stands.
        _upstream.Drop(TypeUrl.RouteConfiguration, "a", "b");
        _upstream.Ask(TypeUrl.RouteConfiguration, "a", "b");
        Assert.That(_upstream.Session.IsAwaited(TypeUrl.RouteConfiguration, "a"), Is.False);
        Assert.That(_upstream.Session.IsAwaited(TypeUrl.RouteConfiguration, "b"), "its answer is still to come");
    }

    [Test]
    public void OnResponse_Removed_IsGone()
    {
        _upstream.AskForAll(TypeUrl.Cluster);
        _upstream.Give(TypeUrl.Cluster, "n1", Cluster("a"), Cluster("b"));

        _upstream.Give(TypeUrl.Cluster, "n2", [], "a", "never");

        Assert.That(_upstream.Names(TypeUrl.Cluster), Is.EqualTo(new[] { "b" }));
    }

    /// <summary>Behaviour 67, as a client.</summary>
    [Test]
    public void OnResponse_NameThatIsGivenAndRemoved_IsRejected()
    {
        _upstream.AskForAll(TypeUrl.Cluster);
        _upstream.Expect();
        _upstream.Give(TypeUrl.Cluster, "n1", Cluster("a"));

        var problem = _upstream.Give(TypeUrl.Cluster, "n2", [Cluster("a", 2)], "a", "b", "b");

        Assert.That(problem, Is.EqualTo("envoy.config.cluster.v3.Cluster 'a' comes twice in one response"));
        Assert.That(_upstream.Expect().Error, Is.EqualTo(problem));
        Assert.That(_upstream.Bytes(TypeUrl.Cluster, "a"), Is.EqualTo(Cluster("a").AnyBytes.ToArray()));
        Assert.That(_upstream.Give(TypeUrl.Cluster, "n3", [Cluster("a", 2)], "b", "b"), Is.Empty);
    }

    /// <summary>Behaviour 84: no content, and no other one.</summary>
    [Test]
    public void OnResponse_HeartbeatWithoutContent_KeepsWhatWasGiven()
    {
        _upstream.AskForAll(TypeUrl.Cluster);
        _upstream.Expect();
        _upstream.Give(TypeUrl.Cluster, "n1", Cluster("a"));
        var before = _upstream.Session.Snapshot;

        var problem = _upstream.Session.OnResponse(Heartbeat("n2", "a"));

        Assert.That(problem, Is.Empty);
        Assert.That(_upstream.Session.Snapshot, Is.SameAs(before));
        Assert.That(_upstream.Session.Undecided.Single().TypeUrl, Is.EqualTo(TypeUrl.Cluster), "it is answered");
        Assert.That(_upstream.Session.OnResponse(Heartbeat("n3", "b")), Does.Contain("'b'").And.Contain("be read"));
    }

    [Test]
    public void OnResponse_TimeToLiveAndAliases_AreKept()
    {
        _upstream.AskForAll(TypeUrl.Cluster);
        _upstream.Session.OnResponse(new RelayedDeltaResponse
        {
            TypeUrl = TypeUrl.Cluster,
            Nonce = "n1",
            Resources =
            {
                new RelayedResource
                {
                    Name = "a",
                    Resource = ByteString.CopyFrom(Cluster("a").AnyBytes.Span),
                    Ttl = Duration.FromTimeSpan(TimeSpan.FromSeconds(5)).ToByteString(),
                    Aliases = { "z", "b" },
                },
            },
        });

        var resource = _upstream.Session.Snapshot.Get(TypeUrl.Cluster).Resources.Single();
        Assert.That(resource.Ttl, Is.EqualTo(TimeSpan.FromSeconds(5)));
        Assert.That(resource.Aliases, Is.EqualTo(new[] { "b", "z" }));
    }

    [Test]
    public void OnResponse_AliasThatWasAskedFor_IsAnswered()
    {
        _upstream.Ask(TypeUrl.RouteConfiguration, "other");
        _upstream.Expect();

        _upstream.Give(TypeUrl.RouteConfiguration, "n1", Route("r", "a").WithAliases(["other"]));

        Assert.That(_upstream.Session.IsAwaited(TypeUrl.RouteConfiguration, "other"), Is.False);
        Assert.That(_upstream.Names(TypeUrl.RouteConfiguration), Is.EqualTo(new[] { "r" }));
    }

    /// <summary>Behaviour 88: members are the answer to the name of a collection.</summary>
    [Test]
    public void OnResponse_MembersOfACollection_AnswerItsName()
    {
        const string glob = "xdstp://a/envoy.config.endpoint.v3.ClusterLoadAssignment/c/*";
        _upstream.Ask(TypeUrl.ClusterLoadAssignment, glob);
        _upstream.Expect();
        Assert.That(_upstream.Session.IsAwaited(TypeUrl.ClusterLoadAssignment, glob));

        var member = glob.Replace("*", "1", StringComparison.Ordinal);
        _upstream.Give(TypeUrl.ClusterLoadAssignment, "n1", Endpoints(member));

        Assert.That(_upstream.Names(TypeUrl.ClusterLoadAssignment), Has.Length.EqualTo(1));
        Assert.That(_upstream.Session.IsAwaited(TypeUrl.ClusterLoadAssignment, glob), Is.False);
    }

    private static RelayedDeltaResponse Heartbeat(string nonce, string name) => new()
    {
        TypeUrl = TypeUrl.Cluster,
        Nonce = nonce,
        Resources =
        {
            new RelayedResource
            {
                Name = name,
                Ttl = Duration.FromTimeSpan(TimeSpan.FromSeconds(9)).ToByteString(),
            },
        },
    };
}
