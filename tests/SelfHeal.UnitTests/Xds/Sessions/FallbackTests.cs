using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Sessions;
using SelfHeal.Xds.Snapshots;
using static SelfHeal.UnitTests.Xds.TestResources;

namespace SelfHeal.UnitTests.Xds.Sessions;

/// <summary>A NACK is followed by what was accepted last, the rest of the change, and the culprit's name.</summary>
public sealed class FallbackTests
{
    private const string Cds = TypeUrl.Cluster;
    private const string Rds = TypeUrl.RouteConfiguration;

    private static readonly ValidatedSnapshot Good = Snapshot([.. Service("a"), .. Service("b"), .. Service("c")]);

    /// <summary>One cluster changed, and rejected by the tests that follow.</summary>
    private static readonly ValidatedSnapshot OneChanged = Snapshot(
        [Cluster("a", 2), .. Service("a")[1..], .. Service("b"), .. Service("c")]);

    private static readonly ValidatedSnapshot AllChanged = Snapshot(
        [.. Service("a", 2), .. Service("b", 2), .. Service("c", 2)]);

    [Test]
    public void OnRequest_NackOfOneChange_B16_B17_SendsWhatWasAcceptedAndTellsIt()
    {
        var client = new SotwHarness(Good);
        client.Subscribe(Cds);
        var accepted = client.ExpectAndAck(Cds);
        client.Session.OnSnapshot(OneChanged);
        client.Nack(client.Expect(Cds));
        var fallback = client.ExpectAndAck(Cds);
        Assert.That(fallback.Resources, Is.EqualTo(accepted.Resources));
        Assert.That(fallback.VersionInfo, Is.EqualTo(accepted.VersionInfo), "the version says what the content is");
        client.ExpectNothing();
        var events = client.Events();
        Assert.That(events.OfType<SessionEvent.FellBack>().Single().Nonce, Is.EqualTo(fallback.Nonce));
        var isolated = events.OfType<SessionEvent.Isolated>().Single();
        Assert.That(
            (isolated.TypeUrl, isolated.Name, isolated.ContentHash, isolated.Message, isolated.Pushes),
            Is.EqualTo((Cds, "a", Cluster("a", 2).ContentHash, "no", 0)));
    }

    /// <summary>
    /// What was rejected comes back before its culprit was found: it is not sent again as it was, and what is good in
    /// it goes live all the same.
    /// </summary>
    [Test]
    public void OnSnapshot_RejectedContentComesBack_B17_IsTriedInPartsAndTheGoodOnesGoLive([Values] bool delta)
    {
        var culprit = Cluster("b", 2);
        var client = new PickyClient(delta, Cds, [], (_, hash) => hash == culprit.ContentHash);
        client.Offer(Good);
        client.Settle();
        var bad = Snapshot([.. Service("a", 2), culprit, .. Service("b")[1..], .. Service("c")]);
        client.Offer(bad);
        Assert.That(client.Receive());
        client.Answer();
        client.Offer(Good);
        client.Settle();

        client.Offer(bad);
        client.Settle();

        Assert.That(client.Applied["a"], Is.EqualTo(Cluster("a", 2).ContentHash));
        Assert.That(client.Applied["b"], Is.EqualTo(Cluster("b").ContentHash));
        Assert.That(
            client.Events.OfType<SessionEvent.Isolated>().Single().ContentHash, Is.EqualTo(culprit.ContentHash));
    }

    [Test]
    public void OnRequest_NackThatNamesOne_SendsAllOthersInOnePush()
    {
        var client = new SotwHarness(Good);
        client.Subscribe(Cds);
        client.ExpectAndAck(Cds);
        client.Session.OnSnapshot(AllChanged);
        client.Nack(client.Expect(Cds), "Error adding/updating cluster(s) b: no such thing");
        var rest = client.ExpectAndAck(Cds);
        Assert.That(
            rest.Resources.Select(any => any.Value.ToByteArray()),
            Is.EqualTo(Values(Cluster("a", 2), Cluster("b"), Cluster("c", 2))));
        client.ExpectNothing();
        var isolated = client.Events().OfType<SessionEvent.Isolated>().Single();
        Assert.That((isolated.Name, isolated.Pushes), Is.EqualTo(("b", 1)));
    }

    [Test]
    public void OnRequest_NackOfTheFallback_IsSilentUntilContentChanges()
    {
        var client = new SotwHarness(Good);
        client.Subscribe(Cds);
        client.ExpectAndAck(Cds);
        client.Session.OnSnapshot(OneChanged);
        client.Nack(client.Expect(Cds));
        client.Nack(client.Expect(Cds));
        client.ExpectNothing();
        client.Tick(60);
        client.ExpectNothing();
        client.Session.OnSnapshot(OneChanged);
        client.ExpectNothing();
        client.Session.OnSnapshot(AllChanged);
        Assert.That(client.ExpectAndAck(Cds).Resources, Has.Count.EqualTo(3));
    }

    [Test]
    public void OnSnapshot_NewContentDuringTheSearch_GoesAtOnce()
    {
        var client = new SotwHarness(Good);
        client.Subscribe(Cds);
        client.ExpectAndAck(Cds);
        client.Session.OnSnapshot(AllChanged);
        client.Nack(client.Expect(Cds));
        client.Session.OnSnapshot(Snapshot([.. Service("a", 3), .. Service("b", 3), .. Service("c", 3)]));
        var next = client.ExpectAndAck(Cds);
        Assert.That(
            next.Resources.Select(any => any.Value.ToByteArray()),
            Is.EqualTo(new[] { "a", "b", "c" }.Select(name => Cluster(name, 3).ValueBytes.ToArray())));
        client.ExpectNothing();
        Assert.That(client.Events().OfType<SessionEvent.Isolated>(), Is.Empty);
    }

    [Test]
    public void OnRequest_FirstAnswerRejected_FallsBackToWhatWasRecalled()
    {
        var client = new SotwHarness(AllChanged);
        client.Session.Recall(Good);
        client.Subscribe(Cds);
        client.Nack(client.Expect(Cds), "b");
        Assert.That(
            client.ExpectAndAck(Cds).Resources.Select(any => any.Value.ToByteArray()),
            Is.EqualTo(Values(Cluster("a", 2), Cluster("b"), Cluster("c", 2))));
    }

    [Test]
    public void OnRequest_FirstAnswerRejectedAndNothingRecalled_NeverSendsTheEmptySet()
    {
        var client = new SotwHarness(OneChanged);
        client.Subscribe(Cds);
        client.Nack(client.Expect(Cds));
        // A reconnecting Envoy would delete what it holds: the halves begin at once.
        Assert.That(SotwHarness.Names(client.ExpectAndAck(Cds)), Is.EqualTo(new[] { "a", "b" }));
    }

    [Test]
    public void OnRequest_OnlyResourceRejectedAndNothingRecalled_IsSilent()
    {
        var client = new SotwHarness(Snapshot(Cluster("a"), Endpoints("a")));
        client.Subscribe(Cds);
        client.Nack(client.Expect(Cds));
        client.ExpectNothing();
    }

    [Test]
    public void OnRequest_DeltaNack_SendsTheHeldOrTheRemoval()
    {
        var client = new DeltaHarness(Snapshot(Service("a")));
        client.Subscribe(Cds);
        client.ExpectAndAck(Cds);
        client.Session.OnSnapshot(Snapshot([.. Service("a", 2), .. Service("b")]));
        client.Nack(client.Expect(Cds));
        var fallback = client.ExpectAndAck(Cds);
        Assert.That(fallback.Resources.Single().Version, Is.EqualTo(Cluster("a").ContentHash));
        Assert.That(fallback.RemovedResources, Is.EqualTo(new[] { "b" }));
        client.ExpectAndAck(Cds, ["a"], []);
        client.ExpectNothing();
        Assert.That(client.Events().OfType<SessionEvent.Isolated>().Single().Name, Is.EqualTo("b"));
    }

    [Test]
    public void OnRequest_DeltaResumed_FallsBackToTheContentThatTheClientTold()
    {
        var client = new DeltaHarness(Snapshot(Service("a", 2)));
        client.Session.Recall(Snapshot(Service("a")));
        client.Request(Cds, initial: [Cluster("a")]);
        client.Nack(client.Expect(Cds));
        Assert.That(client.ExpectAndAck(Cds).Resources.Single().Version, Is.EqualTo(Cluster("a").ContentHash));
    }

    [Test]
    public void OnRequest_RejectedAndAskedForAgain_IsAnsweredWithWhatIsHeld()
    {
        var client = new DeltaHarness(Good);
        client.Subscribe(Rds, "a-route");
        client.ExpectAndAck(Rds);
        client.Session.OnSnapshot(AllChanged);
        client.Nack(client.Expect(Rds));
        client.ExpectAndAck(Rds);
        client.Subscribe(Rds, "a-route");
        Assert.That(client.ExpectAndAck(Rds).Resources.Single().Version, Is.EqualTo(Route("a-route", "a").ContentHash));
    }

    [Test]
    public void OnSnapshot_ClustersSearched_RoutesWaitUntilAllThatPassesIsHeld()
    {
        var client = new SotwHarness(Good);
        client.Start("a", "b", "c");
        client.Session.OnSnapshot(Snapshot([
            .. Service("a"), .. Service("b"), .. Service("c"),
            Cluster("d"), Endpoints("d"), Cluster("e"), Endpoints("e"),
            Listener("d-listener", "d-route"), Route("d-route", "d")]));
        client.Nack(client.Expect(Cds));
        var fallback = client.Expect(Cds);
        client.ExpectNothing();
        client.Ack(fallback);
        var half = client.Expect(Cds);
        Assert.That(SotwHarness.Names(half), Is.EqualTo(new[] { "a", "b", "c", "d" }));
        client.ExpectNothing();
        client.Ack(half);
        // e is the culprit and has nothing in its place: routes to it would fall into a hole, so they wait for a
        // better configuration, or for the bound.
        client.ExpectNothing();
        client.Tick(0);
        client.Tick(5);
        client.Expect(TypeUrl.Listener);
    }

    [Test]
    public void OnSnapshot_RoutesRejected_ClustersThatTheHeldRoutesUseStay()
    {
        var client = new SotwHarness(Snapshot(
            Cluster("a"), Endpoints("a"), Listener("l", "r"), Route("r", "a")));
        client.Subscribe(Cds);
        client.ExpectAndAck(Cds);
        client.Subscribe(TypeUrl.Listener);
        client.ExpectAndAck(TypeUrl.Listener);
        client.Subscribe(Rds, "r");
        client.ExpectAndAck(Rds);
        client.Session.OnSnapshot(Snapshot(Cluster("b"), Endpoints("b"), Listener("l", "r"), Route("r", "b")));
        Assert.That(SotwHarness.Names(client.ExpectAndAck(Cds)), Is.EqualTo(new[] { "a", "b" }));
        client.Nack(client.Expect(Rds));
        client.ExpectAndAck(Rds);
        client.Tick(0);
        client.Tick(60);
        client.ExpectNothing();
        client.Session.OnSnapshot(Snapshot(Cluster("b"), Endpoints("b"), Listener("l", "r"), Route("r", "b", 2)));
        client.ExpectAndAck(Rds);
        Assert.That(SotwHarness.Names(client.ExpectAndAck(Cds)), Is.EqualTo(new[] { "b" }));
    }

    [TestCase("cluster svc-1 is bad", "svc-1", true)]
    [TestCase("svc-1: bad", "svc-1", true)]
    [TestCase("it was 'svc-1'.", "svc-1", true)]
    [TestCase("it was svc-1.", "svc-1", true)]
    [TestCase("svc-10: bad", "svc-1", false)]
    [TestCase("a-svc-1 and svc-1.b", "svc-1", false)]
    [TestCase("outbound|80||svc-1: bad", "svc-1", false)]
    [TestCase("outbound|80||svc-1: bad", "outbound|80||svc-1", true)]
    [TestCase("", "svc-1", false)]
    [TestCase("anything", "", false)]
    public void IsIn_Text_FindsWholeWordsOnly(string text, string name, bool expected) =>
        Assert.That(NameMention.IsIn(text, name), Is.EqualTo(expected));

    private static byte[][] Values(params XdsResource[] resources) =>
        [.. resources.Select(each => each.ValueBytes.ToArray())];
}
