using System.Runtime.InteropServices;
using Envoy.Data.Accesslog.V3;
using Envoy.Service.Accesslog.V3;
using SelfHeal.Core.AccessLogs;
using SelfHeal.Xds.Resources;

namespace SelfHeal.Xds.AccessLogs;

/// <summary>
/// One stream of <c>AccessLogService/StreamAccessLogs</c>: counts the entries of each message by cluster, host, route,
/// response flags and class of the response code. Everything else in an entry, paths, headers, addresses of clients, is
/// not looked at.
/// </summary>
/// <param name="stream">Unique within the process.</param>
public sealed class AccessLogReader(long stream)
{
    // Names come from the configuration; a longer one is cut, so that a broken client cannot make them large.
    private const int NameLengthMax = 256;

    private readonly Dictionary<(AccessLogKey Key, uint Flags, int CodeClass), int> _counts = [];
    private readonly List<(AccessLogKey Key, uint Flags, int CodeClass)> _order = [];

    /// <summary>The proxy; null before its first message.</summary>
    public string? NodeId { get; private set; }

    /// <summary>Why the stream must end with INVALID_ARGUMENT; empty while it need not.</summary>
    public string Error { get; private set; } = "";

    /// <summary>Entries of TCP connections, and HTTP entries that are no end of a request: none is counted.</summary>
    public long Skipped { get; private set; }

    /// <summary>Counts one message.</summary>
    /// <param name="message">Not kept.</param>
    /// <returns>The counts; null when there is nothing to count, or the stream must end.</returns>
    public AccessLogBatch? OnMessage(StreamAccessLogsMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (Error.Length > 0 || !TryIdentify(message.Identifier))
            return null;
        Skipped += message.TcpLogs?.LogEntry.Count ?? 0;
        _counts.Clear();
        _order.Clear();
        foreach (var entry in message.HttpLogs?.LogEntry ?? [])
            Count(entry);
        return _order.Count == 0
            ? null
            : new AccessLogBatch(
                stream,
                [.. _order.Select(k => new AccessLogCount(k.Key, k.Flags, k.CodeClass, _counts[k]))]);
    }

    private bool TryIdentify(StreamAccessLogsMessage.Types.Identifier? identifier)
    {
        var id = identifier?.Node?.Id ?? "";
        if (NodeId is null && id.Length == 0)
            Error = "identifier.node.id: missing, expected in the first message of a stream";
        else if (NodeId is not null && id.Length > 0 && id != NodeId)
            Error = $"identifier.node.id: another than the '{NodeId}' of the first message";
        else
            NodeId ??= id;
        return Error.Length == 0;
    }

    private void Count(HTTPAccessLogEntry entry)
    {
        var common = entry.CommonProperties;
        if (common is null || !IsEnd(common.AccessLogType))
        {
            Skipped++;
            return;
        }

        var key = new AccessLogKey(
            Cut(common.UpstreamCluster), Cut(AddressText.Of(common.UpstreamRemoteAddress)), Cut(common.RouteName));
        var kind = (key, ResponseFlagReader.Read(common.ResponseFlags), ClassOf(entry.Response?.ResponseCode ?? 0));
        ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(_counts, kind, out var isKnown);
        count++;
        if (!isKnown)
            _order.Add(kind);
    }

    /// <summary>
    /// Entries may also be written at a request's start, while it runs, and at the end of each attempt upstream; a
    /// request is counted once, at its end. Envoys before 1.26 do not say which it is, and write at the end only.
    /// </summary>
    private static bool IsEnd(AccessLogType type) => type is AccessLogType.NotSet or AccessLogType.DownstreamEnd;

    private static int ClassOf(uint code) => code is >= 100 and < 600 ? (int)(code / 100) : 0;

    private static string Cut(string name) => name.Length <= NameLengthMax ? name : name[..NameLengthMax];
}
