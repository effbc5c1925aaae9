using Envoy.Config.Core.V3;
using Envoy.Data.Accesslog.V3;
using Envoy.Service.Accesslog.V3;
using Google.Protobuf;
using SelfHeal.Core.AccessLogs;
using SelfHeal.Core.Time;
using SelfHeal.Xds.AccessLogs;

namespace SelfHeal.UnitTests.Xds.AccessLogs;

/// <summary>Whatever parses is counted or refused, and every request that is counted is found again.</summary>
internal sealed class AccessLogFuzzTests
{
    private const int Runs = 20_000;

    [Test]
    public void OnMessage_MutatedMessages_AreCountedOrRefused()
    {
        var seed = SeedMessage().ToByteArray();
        var random = new SeededRandomSource(5);
        var table = new AccessLogTable(new AccessLogTableOptions { RowLimit = 100 });
        var requests = 0L;
        for (var run = 0; run < Runs; run++)
        {
            var bytes = (byte[])seed.Clone();
            for (var mutation = random.NextInt32(4); mutation >= 0; mutation--)
                bytes[random.NextInt32(bytes.Length)] = (byte)random.NextInt32(256);
            if (Parse(bytes) is not { } message || new AccessLogReader(1).OnMessage(message) is not { } batch)
                continue;
            requests += batch.Counts.Sum(static c => c.Requests);
            table.OnBatch(batch, default);
        }

        Assert.That(requests, Is.GreaterThan(Runs / 2), "many are readable");
        Assert.That(table.Sum(1, default).Sum(static r => r.Requests), Is.EqualTo(requests));
        Assert.That(table.Rows, Is.LessThanOrEqualTo(101));
    }

    private static StreamAccessLogsMessage? Parse(byte[] bytes)
    {
        try
        {
            return StreamAccessLogsMessage.Parser.ParseFrom(bytes);
        }
        catch (Exception exception) when (exception is InvalidProtocolBufferException or InvalidOperationException)
        {
            return null; // The gRPC layer's to refuse, which knows both.
        }
    }

    private static StreamAccessLogsMessage SeedMessage()
    {
        var message = new StreamAccessLogsMessage
        {
            Identifier = new() { Node = new Node { Id = "edge-1" }, LogName = "l" },
            HttpLogs = new(),
        };
        for (var i = 0; i < 3; i++)
        {
            message.HttpLogs.LogEntry.Add(new HTTPAccessLogEntry
            {
                CommonProperties = new AccessLogCommon
                {
                    SampleRate = double.NaN,
                    UpstreamCluster = "payments",
                    RouteName = $"route-{i}",
                    UpstreamRemoteAddress = new Address
                    {
                        SocketAddress = new SocketAddress { Address = "10.0.0.1", PortValue = 80 },
                    },
                    ResponseFlags = new ResponseFlags { UpstreamConnectionFailure = true },
                },
                Response = new HTTPResponseProperties { ResponseCode = 503 },
            });
        }

        return message;
    }
}
