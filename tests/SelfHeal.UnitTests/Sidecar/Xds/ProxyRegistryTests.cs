using System.Collections.Immutable;
using SelfHeal.Core.Control;
using SelfHeal.Core.Remediation;
using SelfHeal.Sidecar.Overlays;
using SelfHeal.Sidecar.Xds;
using SelfHeal.UnitTests.Ledger;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Sessions;
using SelfHeal.Xds.Snapshots;
using static SelfHeal.UnitTests.Xds.TestResources;

namespace SelfHeal.UnitTests.Sidecar.Xds;

/// <summary>How proxies stand towards a route, and which of our changes a rejection is about.</summary>
[CancelAfter(60_000)]
internal sealed class ProxyRegistryTests
{
    private const string Name = "r";
    private ShellHarness _shell = null!; // Set before each test.

    private ProxyRegistry Registry => _shell.Registry;

    [SetUp]
    public async Task CreateAsync() => _shell = await ShellHarness.CreateAsync().InTime();

    [TearDown]
    public async Task DisposeAsync() => await _shell.DisposeAsync();

    [Test]
    public void OnEvent_NothingServedYet_ReportsNothing()
    {
        Subscribe(1, "a");

        Assert.That(_shell.Drain(), Is.EqualTo(new[] { new ControlEvent.ProxyConnected("a") }));
    }

    [Test]
    public void OnEvent_SecondStreamOfAProxy_IsNoOtherProxy()
    {
        Subscribe(1, "a");
        Subscribe(2, "a");
        Registry.OnClosed(1);
        var whileOpen = _shell.Drain();

        Registry.OnClosed(2);

        Assert.That(whileOpen, Is.EqualTo(new[] { new ControlEvent.ProxyConnected("a") }));
        Assert.That(_shell.Drain(), Is.EqualTo(new[] { new ControlEvent.ProxyDisconnected("a") }));
    }

    [Test]
    public void OnClosed_StreamThatNeverSaidWhoItIs_IsNoProxy()
    {
        Registry.OnEvent(1, "", new SessionEvent.ProtocolError(StreamStatus.InvalidArgument, "node.id"));
        Registry.OnClosed(1);

        Assert.That(_shell.Drain(), Is.Empty);
    }

    [Test]
    public void OnEvent_Subscription_ReportsOneThatDoesNotHoldIt()
    {
        var served = Serve();
        _shell.Drain();

        Subscribe(1, "a");

        ExpectHeld(subscribed: 1, holding: 0, served);
    }

    [Test]
    public void OnEvent_WildcardSubscription_CountsAsSubscribed()
    {
        var served = Serve();
        _shell.Drain();

        Registry.OnEvent(1, "a", new SessionEvent.Subscribed("a", TypeUrl.RouteConfiguration, [], [], Wildcard: true));

        ExpectHeld(subscribed: 1, holding: 0, served);
    }

    [Test]
    public void OnEvent_Unsubscribed_ReportsNobody()
    {
        var served = Serve();
        Subscribe(1, "a");
        Acknowledge(1, "a", served);
        _shell.Drain();

        Registry.OnEvent(1, "a", new SessionEvent.Subscribed("a", TypeUrl.RouteConfiguration, [], [Name], false));

        ExpectHeld(subscribed: 0, holding: 0, served);
    }

    [Test]
    public void OnEvent_AckOfWhatIsServed_ReportsAHolder()
    {
        var served = Serve(Overlay("o1", 1));
        Subscribe(1, "a");
        _shell.Drain();

        Acknowledge(1, "a", served);

        var held = ExpectHeld(subscribed: 1, holding: 1, served);
        Assert.That(held.Overlays, Is.EqualTo(new[] { "o1" }));
        Assert.That(held.SourceHash, Is.Not.EqualTo(held.ContentHash));
    }

    [Test]
    public void OnEvent_AckOfOlderContent_IsNoHolder()
    {
        var older = Serve();
        Subscribe(1, "a");
        Serve(Overlay("o1", 1));
        _shell.Drain();

        Acknowledge(1, "a", older);

        Assert.That(_shell.Drain(), Is.Empty, "one subscriber and no holder was reported before");
    }

    [Test]
    public void OnEvent_ResumedFromAnEarlierStream_ReportsAHolder()
    {
        var served = Serve();
        Subscribe(1, "a");
        _shell.Drain();

        Registry.OnEvent(1, "a", new SessionEvent.Resumed(TypeUrl.RouteConfiguration, HeldOf(served)));

        ExpectHeld(subscribed: 1, holding: 1, served);
    }

    [Test]
    public void OnClosed_OneOfTwoProxies_ReportsTheOther()
    {
        var served = Serve();
        Subscribe(1, "a");
        Subscribe(2, "b");
        Acknowledge(2, "b", served);
        _shell.Drain();

        Registry.OnClosed(1);

        ExpectHeld(subscribed: 1, holding: 1, served);
        Registry.OnClosed(1);
        Assert.That(_shell.Drain(), Is.Empty, "it is closed already");
    }

    [Test]
    public void OnServed_OtherContent_ReportsThatNobodyHoldsIt()
    {
        var before = Serve();
        Subscribe(1, "a");
        Acknowledge(1, "a", before);
        _shell.Drain();

        var after = Serve(Overlay("o1", 1));

        ExpectHeld(subscribed: 1, holding: 0, after);
    }

    [Test]
    public void OnEvent_SameFacts_AreNotReportedTwice()
    {
        var served = Serve();
        Subscribe(1, "a");
        Acknowledge(1, "a", served);
        _shell.Drain();

        Acknowledge(1, "a", served);
        Subscribe(1, "a");
        Serve();

        Assert.That(_shell.Drain(), Is.Empty);
    }

    [Test]
    public void OnEvent_AnswersOfOtherTypes_AreNotReported()
    {
        Serve();
        Subscribe(1, "a");
        _shell.Drain();

        Registry.OnEvent(1, "a", new SessionEvent.Acknowledged(
            TypeUrl.Cluster, "v", "n", ClientContents.Empty(TypeUrl.Cluster)));
        Reject(1, "a", TypeUrl.Cluster, Cluster("a"));

        Assert.That(_shell.Drain(), Is.Empty);
    }

    [Test]
    public void OnEvent_TwoStreamsOfOneNode_TheNewestDecides()
    {
        var served = Serve();
        Subscribe(1, "a");
        Acknowledge(1, "a", served);
        _shell.Drain();

        Subscribe(2, "a");
        ExpectHeld(subscribed: 1, holding: 0, served);
        Acknowledge(2, "a", served);
        ExpectHeld(subscribed: 1, holding: 1, served);
        Registry.OnClosed(1);
        Assert.That(_shell.Drain(), Is.Empty, "the dead stream had no say");
    }

    [Test]
    public void OnClosed_TheNewestOfTwoStreams_TheOlderDecidesAgain()
    {
        var served = Serve();
        Subscribe(1, "a");
        Acknowledge(1, "a", served);
        Subscribe(2, "a");
        _shell.Drain();

        Registry.OnClosed(2);

        ExpectHeld(subscribed: 1, holding: 1, served);
    }

    [Test]
    public void OnEvent_NewStreamThatAsksForClustersFirst_TheOldOneNoLongerCounts()
    {
        var served = Serve();
        Subscribe(1, "a");
        Acknowledge(1, "a", served);
        _shell.Drain();

        Registry.OnEvent(2, "a", new SessionEvent.Subscribed("a", TypeUrl.Cluster, [], [], Wildcard: true));

        ExpectHeld(subscribed: 0, holding: 0, served);
    }

    [Test]
    public void OnEvent_StreamsOfOneTypeEach_TheOneThatCarriesRoutesDecides()
    {
        var served = Serve();
        Registry.OnOpened(1, new ProxyStreamKind(Delta: false, TypeUrl.RouteConfiguration));
        Subscribe(1, "a");
        Acknowledge(1, "a", served);
        _shell.Drain();

        Registry.OnOpened(2, new ProxyStreamKind(Delta: false, TypeUrl.Cluster));
        Registry.OnEvent(2, "a", new SessionEvent.Subscribed("a", TypeUrl.Cluster, [], [], Wildcard: true));

        Assert.That(_shell.Drain(), Is.Empty, "a newer stream of clusters says nothing about routes");
    }

    [Test]
    public void OnEvent_RouteStreamsOfOneNameEach_TheNewestOfTheNameDecides()
    {
        var kind = new ProxyStreamKind(Delta: false, TypeUrl.RouteConfiguration);
        var served = Serve();
        Registry.OnOpened(1, kind);
        Subscribe(1, "a");
        Acknowledge(1, "a", served);
        _shell.Drain();

        Registry.OnOpened(2, kind);
        Registry.OnEvent(2, "a", new SessionEvent.Subscribed("a", TypeUrl.RouteConfiguration, ["other"], [], false));
        Assert.That(_shell.Drain(), Is.Empty, "it asks for another name");

        Registry.OnOpened(3, kind);
        Subscribe(3, "a");
        ExpectHeld(subscribed: 1, holding: 0, served);
    }

    [Test]
    public void Proxies_StreamThatHasNotSaidWhoItIs_IsNotListed()
    {
        Registry.OnOpened(1, ProxyStreamKind.Aggregated);

        Assert.That(Registry.Proxies, Is.Empty);
        Registry.OnClosed(1);
        Assert.That(_shell.Drain(), Is.Empty);
    }

    [Test]
    public void OnEvent_RejectedNewOverlay_IsBlamedInTheProxysWords()
    {
        var served = Serve(Overlay("o1", 1));
        Subscribe(1, "a");
        _shell.Drain();

        Reject(1, "a", served);

        Assert.That(Blamed(), Is.EqualTo(new[] { new RouteRejection("o1", "a", "v2", "no, thanks") }));
    }

    [Test]
    public void OnEvent_RejectedBeforeThePublication_IsAttributed()
    {
        // The registry is told before the streams are: the answer may come while the publication still goes round.
        var served = Serve(Overlay("o1", 1));
        Assert.That(_shell.Hub.Snapshot, Is.Null, "nothing was published");

        Reject(1, "a", served);

        Assert.That(Blamed().Select(static b => b.OverlayId), Is.EqualTo(new[] { "o1" }));
    }

    [Test]
    public void OnEvent_SecondOverlayInTheSameRouteRejected_BlamesTheSecondOnly()
    {
        Subscribe(1, "a");
        Acknowledge(1, "a", Serve(Overlay("o1", 1)));
        var both = Serve(Overlay("o1", 1), Overlay("o2", 2));

        Reject(1, "a", both);

        Assert.That(Blamed().Select(static b => b.OverlayId), Is.EqualTo(new[] { "o2" }));
    }

    [Test]
    public void OnEvent_TwoNewOverlaysInOneRouteRejected_BlamesBoth()
    {
        Reject(1, "a", Serve(Overlay("o1", 1), Overlay("o2", 2)));

        Assert.That(Blamed().Select(static b => b.OverlayId), Is.EqualTo(new[] { "o1", "o2" }));
    }

    [Test]
    public void OnEvent_FirstResponseToANewProxyRejected_BlamesNothingThatAnotherAccepted()
    {
        var served = Serve(Overlay("o1", 1));
        Subscribe(1, "a");
        Acknowledge(1, "a", served);

        Subscribe(2, "b");
        Reject(2, "b", served);

        Assert.That(Blamed(), Is.Empty);
    }

    [Test]
    public void OnEvent_PristineContentRejected_BlamesNothing()
    {
        Reject(1, "a", Serve());

        Assert.That(Blamed(), Is.Empty);
    }

    [Test]
    public void OnEvent_SupersededContentRejected_BlamesNothing()
    {
        var superseded = Serve(Overlay("o1", 1));
        Serve(Overlay("o1", 1), Overlay("o2", 2));

        Reject(1, "a", superseded);

        Assert.That(Blamed(), Is.Empty, "what is served now is still to be answered");
    }

    [Test]
    public void OnEvent_AckOfSupersededContent_ProvesTheOverlaysInIt()
    {
        var superseded = Serve(Overlay("o1", 1));
        Subscribe(1, "a");
        var both = Serve(Overlay("o1", 1), Overlay("o2", 2));

        Acknowledge(1, "a", superseded); // It was on its way when the second overlay was laid.
        Reject(1, "a", both);

        Assert.That(Blamed().Select(static b => b.OverlayId), Is.EqualTo(new[] { "o2" }));
    }

    [TestCase(1, "declared only", true)]
    [TestCase(2, "executed", false)]
    public async Task OnEvent_RestoredOverlayRejected_IsBlamedUnlessItWasExecuted(int entries, string what, bool blamed)
    {
        var ledger = ShellHarness.BadCanaryLedger(entries);
        await using var restarted = await ShellHarness.CreateAsync(ledger).InTime();
        await restarted.ServeAsync();
        var route = restarted.Configuration.Served!.Routes.Single(); // Served.
        restarted.Drain();

        restarted.Registry.OnEvent(1, "a", new SessionEvent.Rejected(
            TypeUrl.RouteConfiguration, "v", "n", 3, "no", [route]));

        var rejections = restarted.Drain().OfType<ControlEvent.OverlayRejected>();
        Assert.That(rejections.Count(), Is.EqualTo(blamed ? 1 : 0), what);
    }

    [Test]
    public void Proxies_EveryState_IsDescribedByTypeInSendOrder()
    {
        Subscribe(2, "b");
        Registry.OnEvent(1, "a", new SessionEvent.Subscribed("a", TypeUrl.RouteConfiguration, [Name], [], false));
        Registry.OnEvent(1, "a", new SessionEvent.Sent(TypeUrl.RouteConfiguration, "r1", "n", [], []));
        Registry.OnEvent(1, "a", new SessionEvent.Rejected(TypeUrl.RouteConfiguration, "r1", "n", 3, "no", []));
        Registry.OnEvent(1, "a", new SessionEvent.Sent(TypeUrl.Listener, "l1", "n", [], []));
        Registry.OnEvent(1, "a", new SessionEvent.Acknowledged(
            TypeUrl.Listener, "l1", "n", ClientContents.Empty(TypeUrl.Listener)));
        Registry.OnEvent(1, "a", new SessionEvent.Sent(TypeUrl.Cluster, "c1", "n", [], []));

        Assert.That(
            Registry.Proxies.Select(static p =>
                $"{p.Node}: {string.Join(", ", p.Types.Select(static t => $"{Short(t.Type)} {t.Version} {t.State}"))}"),
            Is.EqualTo(new[]
            {
                "a: Cluster c1 stale, Listener l1 synced, RouteConfiguration r1 error",
                "b: RouteConfiguration  not_sent",
            }));
        Registry.OnClosed(1);
        Assert.That(Registry.Proxies.Select(static p => p.Node), Is.EqualTo(new[] { "b" }));
    }

    [Test]
    public void OnEvent_ResponsesAndAnswers_AreCounted()
    {
        var served = Serve();
        Registry.OnEvent(1, "a", new SessionEvent.Sent(TypeUrl.RouteConfiguration, "v", "n", [], []));
        Acknowledge(1, "a", served);
        Reject(1, "a", served);
        Reject(1, "a", served);

        Assert.That(_shell.Meters.Sum("selfheal.xds.responses"), Is.EqualTo(1));
        Assert.That(_shell.Meters.Sum("selfheal.xds.acks"), Is.EqualTo(1));
        Assert.That(_shell.Meters.Sum("selfheal.xds.nacks"), Is.EqualTo(2));
    }

    private static string Short(string type) => type[(type.LastIndexOf('.') + 1)..];

    private static WeightOverlay Overlay(string id, uint weight) =>
        new(id, "incident", Name, "shop", "#0", [new ClusterWeight(id == "o1" ? "a" : "b", weight)]);

    private static ClientContents HeldOf(ServedConfiguration served) =>
        ClientContents.Of(served.Snapshot.Get(TypeUrl.RouteConfiguration));

    private ServedConfiguration Serve(params WeightOverlay[] overlays)
    {
        var source = Snapshot(
            Cluster("a"), Endpoints("a"), Cluster("b"), Endpoints("b"), Split(Name, ("a", 90), ("b", 10)));
        var build = new SnapshotBuilder(new SnapshotValidator()).Build(source, [.. overlays.Select(LoopOverlay.Of)]);
        Assert.That(build.Refused, Is.Empty);
        var byRoute = ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty;
        if (overlays.Length > 0)
            byRoute = byRoute.Add(Name, [.. overlays.Select(static o => o.Id)]);
        var served = new ServedConfiguration(build.Snapshot, source, TopologyReader.Read(source), byRoute);
        Registry.OnServed(served);
        return served;
    }

    private void Subscribe(long stream, string node) => Registry.OnEvent(
        stream, node, new SessionEvent.Subscribed(node, TypeUrl.RouteConfiguration, [Name], [], Wildcard: false));

    private void Acknowledge(long stream, string node, ServedConfiguration served) => Registry.OnEvent(
        stream, node, new SessionEvent.Acknowledged(TypeUrl.RouteConfiguration, "v1", "n", HeldOf(served)));

    private void Reject(long stream, string node, ServedConfiguration served) => Reject(
        stream, node, TypeUrl.RouteConfiguration, served.Routes.Single());

    private void Reject(long stream, string node, string typeUrl, XdsResource resource) => Registry.OnEvent(
        stream, node, new SessionEvent.Rejected(typeUrl, "v2", "n", 3, "no, thanks", [resource]));

    private ControlEvent.RouteHeld ExpectHeld(int subscribed, int holding, ServedConfiguration served)
    {
        var events = _shell.Drain().OfType<ControlEvent.RouteHeld>().ToList();
        Assert.That(events, Has.Count.EqualTo(1));
        var held = events[0];
        Assert.Multiple(() =>
        {
            Assert.That(held.RouteConfiguration, Is.EqualTo(Name));
            Assert.That((held.Subscribed, held.Holding), Is.EqualTo((subscribed, holding)));
            Assert.That(held.ContentHash, Is.EqualTo(served.Routes.Single().ContentHash));
            Assert.That(held.SourceHash, Is.EqualTo(served.SourceHash(Name)));
        });
        return held;
    }

    private List<RouteRejection> Blamed() =>
        [.. _shell.Drain().OfType<ControlEvent.OverlayRejected>().Select(static e => e.Rejection)];
}
