using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Service.LoadStats.V3;
using Envoy.Type.V3;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.Core.Loads;
using SelfHeal.Xds.Loads;
using SelfHeal.Xds.Sessions;

namespace SelfHeal.UnitTests.Xds.Loads;

/// <summary>Line 95 of the protocol's behaviours: what a load stream is asked for, and what it may say.</summary>
internal sealed class LoadStatsSessionTests
{
    private const string SendAllClusters = "envoy.lrs.supports_send_all_clusters";

    private LoadStatsSession _session = null!; // Set before each test.

    [SetUp]
    public void SetUp() => _session = new LoadStatsSession(
        new LoadStatsOptions { Stream = 7, Interval = TimeSpan.FromSeconds(3), RowsMax = 100 });

    [Test]
    public void FirstResponse_ClientAnnouncedSendAllClusters_AsksForAllWithoutNamingAny()
    {
        _session.OnClusters(["a", "b"]);
        Assert.That(_session.TryTakeResponse(out _), Is.False, "nobody has said who it is");

        var report = _session.OnRequest(new LoadStatsRequest { Node = ProxyNode(SendAllClusters) });

        var response = Taken();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(report, Is.Null, "it was asked for nothing yet");
            Assert.That(response.SendAllClusters, Is.True);
            Assert.That(response.Clusters, Is.Empty);
            Assert.That(response.LoadReportingInterval, Is.EqualTo(Duration.FromTimeSpan(TimeSpan.FromSeconds(3))));
            Assert.That(response.ReportEndpointGranularity, Is.True);
        }

        _session.OnClusters(["a", "b", "c"]);
        Assert.That(_session.TryTakeResponse(out _), Is.False, "all clusters are all clusters");
    }

    [Test]
    public void FirstResponse_ClientDidNotAnnounceSendAllClusters_SelectsTheConfigurationsClusters()
    {
        _session.OnClusters(["a", "b"]);
        _session.OnRequest(new LoadStatsRequest { Node = ProxyNode() });

        var response = Taken();

        Assert.That(response.SendAllClusters, Is.False);
        Assert.That(response.Clusters, Is.EqualTo(new[] { "a", "b" }));
        Assert.That(response.ReportEndpointGranularity, Is.True);
    }

    [Test]
    public void Response_ClustersChange_SelectsAnewAndOnlyThen()
    {
        _session.OnClusters(["a"]);
        _session.OnRequest(new LoadStatsRequest { Node = ProxyNode() });
        Taken();

        _session.OnClusters(["a"]);
        Assert.That(_session.TryTakeResponse(out _), Is.False);
        _session.OnClusters(["a", "b"]);
        _session.OnClusters(["b"]);

        Assert.That(Taken().Clusters, Is.EqualTo(new[] { "b" }), "the newest only");
        Assert.That(_session.TryTakeResponse(out _), Is.False);
    }

    [Test]
    public void FirstResponse_NothingServedYet_WaitsForTheClusters()
    {
        _session.OnRequest(new LoadStatsRequest { Node = ProxyNode() });
        Assert.That(_session.TryTakeResponse(out _), Is.False);

        _session.OnClusters([]);

        Assert.That(Taken().Clusters, Is.Empty);
    }

    [Test]
    public void Request_NodeOnlyInTheFirst_IsTaken()
    {
        _session.OnRequest(new LoadStatsRequest { Node = ProxyNode() });

        var report = _session.OnRequest(new LoadStatsRequest { ClusterStats = { Stats("a") } });

        Assert.That(_session.End, Is.Null);
        Assert.That((report?.Stream, report?.Sequence), Is.EqualTo((7L, 1L)));
    }

    [Test]
    public void Request_NodeInEvery_IsTaken()
    {
        _session.OnRequest(new LoadStatsRequest { Node = ProxyNode() });
        _session.OnRequest(new LoadStatsRequest { Node = ProxyNode() });
        var second = _session.OnRequest(new LoadStatsRequest { Node = ProxyNode(), ClusterStats = { Stats("a") } });

        Assert.That(second?.Sequence, Is.EqualTo(2), "one without clusters is a report too");
    }

    [Test]
    public void FirstRequest_OfAnEnvoyThatComesBack_IsItsFirstReport()
    {
        var report = _session.OnRequest(new LoadStatsRequest { Node = ProxyNode(), ClusterStats = { Stats("a") } });

        Assert.That(report?.Sequence, Is.EqualTo(1));
        Assert.That(report?.Clusters.Single().Cluster, Is.EqualTo("a"));
    }

    [Test]
    public void Request_WithEverything_BecomesValues()
    {
        var stats = Stats("a");
        stats.TotalDroppedRequests = 9;
        stats.DroppedRequests.Add(new ClusterStats.Types.DroppedRequests { Category = "lb", DroppedCount = 4 });
        stats.LoadReportInterval = new Duration { Seconds = 2, Nanos = 500_000_000 };
        var locality = stats.UpstreamLocalityStats[0];
        locality.Locality = new Locality { Region = "r", Zone = "z", SubZone = "s" };
        locality.Priority = 1;
        locality.LoadMetricStats.Add(new EndpointLoadMetricStats { MetricName = "m", TotalMetricValue = double.NaN });

        var report = _session.OnRequest(new LoadStatsRequest { Node = ProxyNode(), ClusterStats = { stats } });

        var cluster = report!.Clusters.Single(); // The request is well formed.
        using (Assert.EnterMultipleScope())
        {
            Assert.That(cluster.Interval, Is.EqualTo(TimeSpan.FromSeconds(2.5)));
            Assert.That(cluster.Dropped, Is.EqualTo(9));
            Assert.That(cluster.DroppedByCategory, Is.EqualTo(new[] { new DroppedLoad("lb", 4) }));
            Assert.That(cluster.Localities.Single().Locality, Is.EqualTo(new LocalityName("r", "z", "s")));
            Assert.That(cluster.Localities.Single().Priority, Is.EqualTo(1));
            Assert.That(cluster.Localities.Single().Counts, Is.EqualTo(new LoadCounts(10, 2, 7, 1)));
            Assert.That(
                cluster.Localities.Single().Endpoints,
                Is.EqualTo(new[] { new EndpointLoad("10.0.0.1:80", new LoadCounts(10, 2, 7, 1)) }));
            Assert.That(report.Rows, Is.EqualTo(5), "report, cluster, category, locality, endpoint");
        }
    }

    [TestCase("envoy", 1u, 40u, LoadAbsence.NothingUnderWay)]
    [TestCase("envoy", 1u, 37u, LoadAbsence.NothingUnderWay)]
    [TestCase("envoy", 2u, 0u, LoadAbsence.NothingUnderWay)]
    [TestCase("envoy", 1u, 36u, LoadAbsence.NothingIssued)]
    [TestCase("gRPC Go", 1u, 40u, LoadAbsence.NothingIssued)]
    public void Absence_OfALocality_FollowsTheVersion(string agent, uint major, uint minor, LoadAbsence expected)
    {
        var node = ProxyNode();
        node.UserAgentName = agent;
        node.UserAgentBuildVersion = new BuildVersion
        {
            Version = new SemanticVersion { MajorNumber = major, MinorNumber = minor },
        };
        _session.OnRequest(new LoadStatsRequest { Node = node });

        Assert.That(_session.Absence, Is.EqualTo(expected));
    }

    [Test]
    public void FirstRequest_WithoutANode_EndsTheStream()
    {
        var report = _session.OnRequest(new LoadStatsRequest { ClusterStats = { Stats("a") } });

        Assert.That(report, Is.Null);
        ExpectEnd(StreamStatus.InvalidArgument, "node.id: missing");
        Assert.That(_session.OnRequest(new LoadStatsRequest { Node = ProxyNode() }), Is.Null, "it has ended");
        Assert.That(_session.NodeId, Is.Null);
    }

    [Test]
    public void Request_OfAnotherNode_EndsTheStream()
    {
        _session.OnRequest(new LoadStatsRequest { Node = ProxyNode() });
        _session.OnRequest(new LoadStatsRequest { Node = new Node { Id = "other" } });

        ExpectEnd(StreamStatus.InvalidArgument, "node.id: another than the 'edge-1'");
    }

    [Test]
    public void Request_ClusterWithoutAName_NamesTheField() => ExpectRefused(
        Stats(""), "cluster_stats[1].cluster_name: 0 characters, expected 1 to 4096");

    [TestCase(-1, 0)]
    [TestCase(0, -1)]
    [TestCase(0, 1_000_000_000)]
    [TestCase(long.MaxValue, 0)]
    [TestCase(long.MinValue, 0)]
    public void Request_IntervalThatIsNone_NamesTheField(long seconds, int nanos)
    {
        var stats = Stats("a");
        stats.LoadReportInterval = new Duration { Seconds = seconds, Nanos = nanos };

        ExpectRefused(stats, $"cluster_stats[1].load_report_interval: {seconds} s and {nanos} ns");
    }

    [Test]
    public void Request_CountThatANegativeNumberMakes_NamesTheField()
    {
        var stats = Stats("a");
        stats.UpstreamLocalityStats[0].UpstreamEndpointStats[0].TotalRequestsInProgress = unchecked((ulong)-1L);

        ExpectRefused(
            stats,
            "cluster_stats[1].upstream_locality_stats[0].upstream_endpoint_stats[0].total_requests_in_progress: "
                + "18446744073709551615, expected 0 to 1000000000000");
    }

    [Test]
    public void Request_PriorityOutOfRange_NamesTheField()
    {
        var stats = Stats("a");
        stats.UpstreamLocalityStats[0].Priority = uint.MaxValue;

        ExpectRefused(stats, "cluster_stats[1].upstream_locality_stats[0].priority: 4294967295, expected 0 to 128");
    }

    [Test]
    public void Request_EndpointWithoutAnAddress_NamesTheField()
    {
        var stats = Stats("a");
        stats.UpstreamLocalityStats[0].UpstreamEndpointStats[0].Address = null;

        ExpectRefused(stats, "upstream_endpoint_stats[0].address: missing");
    }

    [Test]
    public void Request_MoreRowsThanTheLimit_EndsTheStreamAsTooMuch()
    {
        var request = new LoadStatsRequest { Node = ProxyNode() };
        request.ClusterStats.Add(Enumerable.Range(0, 34).Select(static i => Stats($"c{i}")));
        _session.OnRequest(request);

        ExpectEnd(StreamStatus.ResourceExhausted, "cluster_stats[33]");
        Assert.That(_session.End?.Message, Does.Contain("at most 100"));
    }

    [Test]
    public void Request_NameThatIsTooLong_NamesTheField() => ExpectRefused(
        Stats(new string('x', 5_000)), "cluster_stats[1].cluster_name: 5000 characters");

    private static Node ProxyNode(params string[] features) => new() { Id = "edge-1", ClientFeatures = { features } };

    private static ClusterStats Stats(string cluster) => new()
    {
        ClusterName = cluster,
        UpstreamLocalityStats =
        {
            new UpstreamLocalityStats
            {
                TotalIssuedRequests = 10,
                TotalRequestsInProgress = 2,
                TotalSuccessfulRequests = 7,
                TotalErrorRequests = 1,
                UpstreamEndpointStats =
                {
                    new UpstreamEndpointStats
                    {
                        Address = new Address
                        {
                            SocketAddress = new SocketAddress { Address = "10.0.0.1", PortValue = 80 },
                        },
                        TotalIssuedRequests = 10,
                        TotalRequestsInProgress = 2,
                        TotalSuccessfulRequests = 7,
                        TotalErrorRequests = 1,
                    },
                },
            },
        },
    };

    private LoadStatsResponse Taken()
    {
        Assert.That(_session.TryTakeResponse(out var response), Is.True);
        return response!; // True means that there is one.
    }

    private void ExpectRefused(ClusterStats stats, string message)
    {
        var report = _session.OnRequest(
            new LoadStatsRequest { Node = ProxyNode(), ClusterStats = { Stats("fine"), stats } });

        Assert.That(report, Is.Null, "a report is taken whole or not at all");
        ExpectEnd(StreamStatus.InvalidArgument, message);
    }

    private void ExpectEnd(StreamStatus status, string message)
    {
        Assert.That(_session.End?.Status, Is.EqualTo(status));
        Assert.That(_session.End?.Message, Does.Contain(message));
    }
}
