using Envoy.Service.LoadStats.V3;
using Google.Protobuf;
using SelfHeal.Core.Loads;
using SelfHeal.Core.Time;
using SelfHeal.Xds.Loads;

namespace SelfHeal.UnitTests.Xds.Loads;

/// <summary>Whatever parses, no exception escapes, and the table keeps its bound and never claims a drain wrongly.
/// </summary>
internal sealed class LoadStatsFuzzTests
{
    private const int Rows = 500;
    private const int Runs = 20_000;
    private static readonly byte[] Seed = SeedMessage().ToByteArray();

    [Test]
    public void OnRequest_MutatedMessages_AreReadOrRefused()
    {
        var random = new SeededRandomSource(3);
        var read = 0;
        for (var run = 0; run < Runs; run++)
        {
            var bytes = (byte[])Seed.Clone();
            for (var mutation = random.NextInt32(4); mutation >= 0; mutation--)
                bytes[random.NextInt32(bytes.Length)] = (byte)random.NextInt32(256);
            read += Read(bytes) ? 1 : 0;
        }

        Assert.That(read, Is.InRange(Runs / 20, Runs - (Runs / 20)), "some are reports, and some are not");
    }

    [Test]
    public void OnRequest_RandomBytes_AreReadOrRefused()
    {
        var random = new SeededRandomSource(4);
        for (var run = 0; run < Runs; run++)
        {
            var bytes = new byte[1 + random.NextInt32(60)];
            for (var i = 0; i < bytes.Length; i++)
                bytes[i] = (byte)random.NextInt32(random.NextInt32(2) == 0 ? 40 : 256);
            Read(bytes);
        }
    }

    /// <summary>Whether the bytes were a report.</summary>
    private static bool Read(byte[] bytes)
    {
        LoadStatsRequest request;
        try
        {
            request = LoadStatsRequest.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            return false; // The gRPC layer's to refuse.
        }

        var session = new LoadStatsSession(new LoadStatsOptions { Stream = 1, RowsMax = Rows });
        var table = new LoadTable(new LoadTableOptions { RowLimit = Rows }, default);
        var report = session.OnRequest(request);
        var now = default(ControlTime).Plus(TimeSpan.FromHours(1));
        if (session.NodeId is { } node && session.End is null)
            table.OnStreamOpened(1, node, session.Absence, now);
        if (report is not null)
            table.OnReport(report, now);
        Assert.That(report is null || session.End is null, "a stream that must end gives no report");
        Assert.That(session.End is null || session.End.Message.Length is > 0 and < 200);
        Assert.That(table.Rows, Is.InRange(0, Rows));
        foreach (var cluster in report?.Clusters ?? [])
        {
            var traffic = table.Traffic(cluster.Cluster, 10, TimeSpan.FromSeconds(1), now);
            Assert.That(traffic.Localities.All(static l => l.SharePpm is >= 0 and <= 1_000_000));
            foreach (var endpoint in cluster.Localities.SelectMany(static l => l.Endpoints))
            {
                var question = new DrainQuestion(
                    cluster.Cluster, endpoint.Address, true, null, TimeSpan.FromSeconds(1));
                Assert.That(
                    endpoint.Counts.InProgress == 0 || table.Ask(question, now).Verdict != DrainVerdict.Drained
                        || table.Counters.RepeatedClusters > 0);
            }
        }

        return report is not null;
    }

    private static LoadStatsRequest SeedMessage()
    {
        var request = new LoadStatsRequest { Node = new Envoy.Config.Core.V3.Node { Id = "edge-1" } };
        for (var i = 0; i < 3; i++)
        {
            request.ClusterStats.Add(new Envoy.Config.Endpoint.V3.ClusterStats
            {
                ClusterName = $"c{i}",
                LoadReportInterval = new Google.Protobuf.WellKnownTypes.Duration { Seconds = 5 },
                UpstreamLocalityStats =
                {
                    new Envoy.Config.Endpoint.V3.UpstreamLocalityStats
                    {
                        Locality = new Envoy.Config.Core.V3.Locality { Zone = "z" },
                        TotalIssuedRequests = 300,
                        TotalRequestsInProgress = 4,
                        UpstreamEndpointStats =
                        {
                            new Envoy.Config.Endpoint.V3.UpstreamEndpointStats
                            {
                                Address = new Envoy.Config.Core.V3.Address
                                {
                                    SocketAddress = new Envoy.Config.Core.V3.SocketAddress
                                    {
                                        Address = "10.0.0.1",
                                        PortValue = 80,
                                    },
                                },
                                TotalRequestsInProgress = 4,
                            },
                        },
                    },
                },
            });
        }

        return request;
    }
}
