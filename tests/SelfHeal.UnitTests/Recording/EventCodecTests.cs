using System.Reflection;
using SelfHeal.Core.Control;
using SelfHeal.Core.Recording;
using SelfHeal.Core.Time;

namespace SelfHeal.UnitTests.Recording;

[TestFixture]
internal sealed class EventCodecTests
{
    /// <summary>
    /// What every text that can get into a recording is. A recording leaves the machine that it was made on, so a new
    /// text must be looked at and put here: none of them may hold what a resource, a secret or a credential says.
    /// </summary>
    private static readonly string[] KnownTexts =
    [
        "OverlayRefused.OverlayId: an id of ours",
        "OverlayRefused.Reason: what was expected of a route, with names of resources",
        "RecordAppended.LeafHash: a hash",
        "RecordRefused.Reason: what the ledger's store said",
        "RouteHeld.ContentHash: a hash",
        "RouteHeld.Overlays[]: ids of ours",
        "RouteHeld.RouteConfiguration: the name of a resource",
        "RouteHeld.SourceHash: a hash",
        "RouteRejection.Node: a node id",
        "RouteRejection.OverlayId: an id of ours",
        "RouteRejection.Reason: a proxy's words about a route configuration, truncated",
        "RouteRejection.Version: a version",
        "SeriesEntry.FullName: the name of a stat",
        "SeriesKey.Name: a part of the name of a stat",
        "StatsStreamOpened.Node: a node id",
        "StatsStreamOpened.NodeCluster: a node's cluster",
        "AccessLogKey.Cluster: the name of a cluster",
        "AccessLogKey.Route: the name of a route",
        "AccessLogKey.Upstream: an address",
        "ClusterLoad.Cluster: the name of a cluster",
        "DroppedLoad.Category: the name of a drop policy",
        "EndpointLoad.Address: an address",
        "LoadStreamOpened.Node: a node id",
        "LocalityName.Region: the name of a locality",
        "LocalityName.SubZone: the name of a locality",
        "LocalityName.Zone: the name of a locality",
        "ProxyConnected.Node: a node id",
        "ProxyDisconnected.Node: a node id",
        "ProxyDrifted.Node: a node id",
        "RejectCount.Type: the name of an xDS type",
        "BaselineRow.Name: a part of the name of a stat",
        "BaselineRow.Pair: the name of a pair of signals",
        "ClusterIdentity.Cluster: the name of a cluster",
        "ClusterIdentity.StatName: the name of a cluster in stats",
        "GatewayTopology.Clusters[]: names of clusters",
        "GrpcCluster.BlindListeners[]: names of listeners",
        "GrpcCluster.Cluster: the name of a cluster",
        "VersionSet.Service: the name of a service",
        "VersionSet.Where: a place in the configuration, by names",
        "TrafficSplit.Route: the name of a route",
        "TrafficSplit.RouteConfiguration: the name of a resource",
        "TrafficSplit.Service: the name of a service",
        "TrafficSplit.VirtualHost: the name of a virtual host",
        "VersionShare.Cluster: the name of a cluster",
        "VersionShare.Version: the name of a version",
    ];

    /// <summary>They only show something, or only move history in and out.</summary>
    private static readonly Type[] NotCompared =
    [
        typeof(ControlEffect.Report), typeof(ControlEffect.Suspect), typeof(ControlEffect.StoreBaselines),
        typeof(ControlEffect.ReadBaselines),
    ];

    private static IEnumerable<Type> Cases => typeof(ControlEvent).GetNestedTypes()
        .Where(static type => type.IsSubclassOf(typeof(ControlEvent)));

    private static IEnumerable<Type> Effects => typeof(ControlEffect).GetNestedTypes()
        .Where(static type => type.IsSubclassOf(typeof(ControlEffect)));

    [Test]
    public void Kinds_OfTheInbox_AreAllCasesOnce()
    {
        Assert.That(EventCodec.Kinds.Keys, Is.EquivalentTo(Cases),
            "a new case of ControlEvent needs its lines in EventCodec, or replays go without it");
        Assert.That(EventCodec.Kinds.Values, Is.Unique);
    }

    [TestCaseSource(nameof(Cases))]
    public void RoundTrip_OfEveryCase_KeepsEveryPlace(Type type)
    {
        if (type == typeof(ControlEvent.StatsReceived))
            Assert.Pass("StepCodecTests have it in all its forms");
        var happened = (ControlEvent)Samples.Of(type);

        var read = new ChunkHarness().RoundTrip([(ChunkHarness.Start, [happened], [])]);

        Assert.That(read, Has.Count.EqualTo(1));
        Assert.That(read[0].Events, Has.Count.EqualTo(1));
        Assert.That(read[0].Events[0], Is.TypeOf(type));
        Assert.That(Samples.Leaves(read[0].Events[0]), Is.EqualTo(Samples.Leaves(happened)));
    }

    [TestCaseSource(nameof(Effects))]
    public void RoundTrip_OfEveryEffect_KeepsWhatIsCompared(Type type)
    {
        if (type == typeof(ControlEffect.AppendRecord))
            Assert.Pass("the ledger's own form; ReplaySessionTests compare it byte for byte");
        var effect = (ControlEffect)Samples.Of(type);

        var read = new ChunkHarness().RoundTrip([(ChunkHarness.Start, [], [effect])]);

        if (NotCompared.Contains(type))
            Assert.That(read[0].Effects, Is.Empty);
        else
            Assert.That(read[0].Effects.SelectMany(static e => Samples.Leaves(e)).Select(static l => l.Value),
                Is.EqualTo(Samples.Leaves(effect).Select(static l => l.Value)));
    }

    [Test]
    public void RoundTrip_OfAnEventThatCannotBeWritten_TellsItsName()
    {
        var batch = new SelfHeal.Core.Series.FlushBatch();
        batch.Seal(77, 0, 0, 0, ChunkHarness.Start, new SelfHeal.Core.Series.SeriesCatalog());
        var harness = new ChunkHarness();

        var read = harness.RoundTrip([(ChunkHarness.Start, [batch.Received], [])]);

        Assert.That(read[0].Events, Is.Empty, "no stream 77 was opened");
        Assert.That(read[0].Unrecorded, Is.EqualTo((string[])["StatsReceived"]));
        Assert.That(harness.Encoder.UnrecordedEvents, Is.EqualTo(1));
    }

    [Test]
    public void Texts_OfTheInbox_AreKnownAndNoneIsContent()
    {
        var texts = new SortedSet<string>(StringComparer.Ordinal);
        var seen = new HashSet<Type>();
        foreach (var type in Cases)
            Walk(type, texts, seen);

        Assert.That(texts, Is.EquivalentTo(KnownTexts.Select(static known => known.Split(": ")[0])));
    }

    private static void Walk(Type type, SortedSet<string> texts, HashSet<Type> seen)
    {
        if (!seen.Add(type))
            return;
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(static p => p.DeclaringType != typeof(object) && p.Name != "EqualityContract"))
        {
            var inner = property.PropertyType;
            var isMany = false;
            if (inner.IsByRefLike || inner.IsGenericType || property.GetIndexParameters().Length > 0)
            {
                isMany = property.GetIndexParameters().Length == 0;
                while (inner.IsGenericType)
                    inner = inner.GetGenericArguments()[0];
            }

            Assert.That(inner, Is.Not.EqualTo(typeof(byte)).And.Not.EqualTo(typeof(object)),
                $"{type.Name}.{property.Name} could hold the bytes of anything");
            Assert.That(inner.Namespace, Does.StartWith("SelfHeal.Core").Or.EqualTo("System"),
                $"{type.Name}.{property.Name} is of a type that Core does not know");
            if (inner == typeof(string))
                texts.Add($"{type.Name}.{property.Name}{(isMany ? "[]" : "")}");
            else if (!Samples.IsLeaf(inner) && inner != typeof(ControlTime))
                Walk(inner, texts, seen);
        }
    }
}
