using Envoy.Config.Core.V3;
using Envoy.Data.Accesslog.V3;
using Envoy.Service.Accesslog.V3;
using SelfHeal.Core.AccessLogs;
using SelfHeal.Xds.AccessLogs;

namespace SelfHeal.UnitTests.Xds.AccessLogs;

internal sealed class AccessLogReaderTests
{
    private AccessLogReader _reader = null!; // Set before each test.

    [SetUp]
    public void SetUp() => _reader = new AccessLogReader(3);

    [Test]
    public void OnMessage_EntriesThatEndedAlike_AreOneCount()
    {
        var batch = _reader.OnMessage(Message(
            Entry(503, f => f.UpstreamConnectionFailure = true),
            Entry(200),
            Entry(502, f => f.UpstreamConnectionFailure = true),
            Entry(200)));

        var key = new AccessLogKey("payments", "10.0.0.1:80", "main");
        var refused = ResponseFlagCodes.Bit(ResponseFlag.UpstreamConnectionFailure);
        Assert.That(batch?.Stream, Is.EqualTo(3));
        Assert.That(
            batch?.Counts,
            Is.EqualTo(new[] { new AccessLogCount(key, refused, 5, 2), new AccessLogCount(key, 0, 2, 2) }));
    }

    /// <summary>Every flag of the message, each alone: one that Envoy adds to it fails this.</summary>
    [Test]
    public void OnMessage_EveryResponseFlag_IsItsOwnBit()
    {
        foreach (var field in ResponseFlags.Descriptor.Fields.InFieldNumberOrder())
        {
            var flags = new ResponseFlags();
            field.Accessor.SetValue(
                flags,
                field.FieldType == Google.Protobuf.Reflection.FieldType.Bool
                    ? true
                    : new ResponseFlags.Types.Unauthorized());
            var entry = Entry(403);
            entry.CommonProperties.ResponseFlags = flags;

            var count = _reader.OnMessage(Message(entry))!.Counts.Single(); // One entry is one count.

            var flag = (ResponseFlag)field.FieldNumber;
            Assert.That(Enum.IsDefined(flag), field.Name);
            Assert.That(count.Flags, Is.EqualTo(ResponseFlagCodes.Bit(flag)), field.Name);
        }
    }

    [Test]
    public void OnMessage_NoRoute_HasEmptyNames()
    {
        var entry = Entry(404, f => f.NoRouteFound = true);
        entry.CommonProperties.UpstreamCluster = "";
        entry.CommonProperties.UpstreamRemoteAddress = null;
        entry.CommonProperties.RouteName = "";

        var count = _reader.OnMessage(Message(entry))!.Counts.Single(); // One entry is one count.

        Assert.That(count.Key, Is.EqualTo(new AccessLogKey("", "", "")));
        Assert.That(count.CodeClass, Is.EqualTo(4));
    }

    [TestCase(0u, 0)]
    [TestCase(99u, 0)]
    [TestCase(100u, 1)]
    [TestCase(599u, 5)]
    [TestCase(600u, 0)]
    [TestCase(uint.MaxValue, 0)]
    public void OnMessage_ResponseCode_HasItsClass(uint code, int expected) =>
        Assert.That(_reader.OnMessage(Message(Entry(code)))!.Counts.Single().CodeClass, Is.EqualTo(expected));

    /// <summary>What a client sent must not be findable in what is kept.</summary>
    [Test]
    public void OnMessage_EntryFullOfSecrets_KeepsNoneOfThem()
    {
        var entry = Entry(200);
        entry.Request = new HTTPRequestProperties
        {
            Authority = "secret",
            Path = "/secret",
            UserAgent = "secret",
            Referer = "secret",
            ForwardedFor = "secret",
            RequestHeaders = { ["authorization"] = "secret" },
        };
        entry.Response.ResponseHeaders["set-cookie"] = "secret";
        entry.Response.ResponseCodeDetails = "secret";
        entry.CommonProperties.UpstreamTransportFailureReason = "secret";
        entry.CommonProperties.CustomTags["secret"] = "secret";
        entry.CommonProperties.DownstreamRemoteAddress = Address("secret");

        var batch = _reader.OnMessage(Message(entry));

        Assert.That(batch!.Counts.Single().ToString(), Does.Not.Contain("secret").IgnoreCase); // One entry, one count.
    }

    [Test]
    public void OnMessage_EntriesThatAreNoEndOfARequest_AreSkipped()
    {
        var start = Entry(0);
        start.CommonProperties.AccessLogType = AccessLogType.DownstreamStart;
        var attempt = Entry(503);
        attempt.CommonProperties.AccessLogType = AccessLogType.UpstreamEnd;
        var end = Entry(200);
        end.CommonProperties.AccessLogType = AccessLogType.DownstreamEnd;

        var batch = _reader.OnMessage(Message(start, attempt, end, new HTTPAccessLogEntry()));

        Assert.That(batch!.Counts.Single().Requests, Is.EqualTo(1)); // The end is counted.
        Assert.That(_reader.Skipped, Is.EqualTo(3));
    }

    [Test]
    public void OnMessage_TcpEntries_AreSkipped()
    {
        var message = new StreamAccessLogsMessage { Identifier = Identifier("edge-1"), TcpLogs = new() };
        message.TcpLogs.LogEntry.Add([new TCPAccessLogEntry(), new TCPAccessLogEntry()]);

        Assert.That(_reader.OnMessage(message), Is.Null);
        Assert.That((_reader.Skipped, _reader.Error), Is.EqualTo((2L, "")));
    }

    [Test]
    public void OnMessage_LongNames_AreCut()
    {
        var entry = Entry(200);
        entry.CommonProperties.RouteName = new string('x', 10_000);

        Assert.That(_reader.OnMessage(Message(entry))!.Counts.Single().Key.Route, Has.Length.EqualTo(256));
    }

    [Test]
    public void OnMessage_FirstWithoutANode_EndsTheStream()
    {
        Assert.That(_reader.OnMessage(new StreamAccessLogsMessage { HttpLogs = new() }), Is.Null);
        Assert.That(_reader.Error, Does.StartWith("identifier.node.id: missing"));
    }

    [Test]
    public void OnMessage_AnotherNode_EndsTheStream()
    {
        _reader.OnMessage(Message(Entry(200)));
        var other = Message(Entry(200));
        other.Identifier = Identifier("edge-2");

        Assert.That(_reader.OnMessage(other), Is.Null);
        Assert.That(_reader.Error, Does.StartWith("identifier.node.id: another"));
    }

    [Test]
    public void OnMessage_LaterWithoutAnIdentifier_IsCounted()
    {
        _reader.OnMessage(Message(Entry(200)));
        var later = Message(Entry(200));
        later.Identifier = null;

        Assert.That(_reader.OnMessage(later), Is.Not.Null);
    }

    private static StreamAccessLogsMessage Message(params HTTPAccessLogEntry[] entries)
    {
        var message = new StreamAccessLogsMessage { Identifier = Identifier("edge-1"), HttpLogs = new() };
        message.HttpLogs.LogEntry.Add(entries);
        return message;
    }

    private static StreamAccessLogsMessage.Types.Identifier Identifier(string node) =>
        new() { Node = new Node { Id = node }, LogName = "selfheal" };

    private static HTTPAccessLogEntry Entry(uint code, Action<ResponseFlags>? set = null)
    {
        var flags = new ResponseFlags();
        set?.Invoke(flags);
        return new HTTPAccessLogEntry
        {
            CommonProperties = new AccessLogCommon
            {
                UpstreamCluster = "payments",
                RouteName = "main",
                UpstreamRemoteAddress = Address("10.0.0.1"),
                ResponseFlags = flags,
            },
            Response = new HTTPResponseProperties { ResponseCode = code },
        };
    }

    private static Address Address(string host) =>
        new() { SocketAddress = new SocketAddress { Address = host, PortValue = 80 } };
}
