using System.Collections.Frozen;
using System.Collections.Immutable;
using SelfHeal.Core.Control;
using SelfHeal.Core.Remediation;
using SelfHeal.Core.Topology;

namespace SelfHeal.Core.Recording;

/// <summary>
/// Events of the inbox as bytes. A case that is not in <see cref="Kinds"/> is recorded by its name alone: a recording
/// must not stop a control loop, and a test fails until the case has its lines here.
/// </summary>
public static class EventCodec
{
    /// <summary>An event that this version cannot write: only its name follows.</summary>
    internal const byte Unrecorded = 0;

    /// <summary>The kind of a batch of stats, which <see cref="StepEncoder"/> writes with its stream's state.</summary>
    internal const byte Stats = 1;

    private const byte StreamOpened = 2;
    private const byte StreamClosed = 3;
    private const byte Topology = 4;
    private const byte Appended = 5;
    private const byte Refused = 6;
    private const byte Held = 7;
    private const byte Rejected = 8;
    private const byte OverlayRefused = 9;
    private const byte Baselines = 10;
    private const byte Connected = 11;
    private const byte Disconnected = 12;
    private const byte LoadOpened = 13;
    private const byte LoadClosed = 14;
    private const byte Load = 15;
    private const byte AccessLog = 16;
    private const byte Drifted = 17;
    private const byte Upstream = 18;

    // As many as a configuration with 10,000 clusters can have, ten times over.
    private const int ItemsMax = 100_000;

    /// <summary>Every case that is recorded, with the number that stands for it in the file for ever.</summary>
    public static IReadOnlyDictionary<Type, byte> Kinds { get; } = new Dictionary<Type, byte>
    {
        [typeof(ControlEvent.StatsReceived)] = Stats,
        [typeof(ControlEvent.StatsStreamOpened)] = StreamOpened,
        [typeof(ControlEvent.StatsStreamClosed)] = StreamClosed,
        [typeof(ControlEvent.TopologyChanged)] = Topology,
        [typeof(ControlEvent.RecordAppended)] = Appended,
        [typeof(ControlEvent.RecordRefused)] = Refused,
        [typeof(ControlEvent.RouteHeld)] = Held,
        [typeof(ControlEvent.OverlayRejected)] = Rejected,
        [typeof(ControlEvent.OverlayRefused)] = OverlayRefused,
        [typeof(ControlEvent.BaselinesRead)] = Baselines,
        [typeof(ControlEvent.ProxyConnected)] = Connected,
        [typeof(ControlEvent.ProxyDisconnected)] = Disconnected,
        [typeof(ControlEvent.LoadStreamOpened)] = LoadOpened,
        [typeof(ControlEvent.LoadStreamClosed)] = LoadClosed,
        [typeof(ControlEvent.LoadReported)] = Load,
        [typeof(ControlEvent.AccessLogged)] = AccessLog,
        [typeof(ControlEvent.ProxyDrifted)] = Drifted,
        [typeof(ControlEvent.UpstreamReported)] = Upstream,
    }.ToFrozenDictionary();

    /// <summary>Writes any event but a batch of stats.</summary>
    internal static void Write(RecordingBuffer buffer, ControlEvent happened)
    {
        buffer.Byte(Kinds.GetValueOrDefault(happened.GetType()));
        switch (happened)
        {
            case ControlEvent.StatsStreamOpened opened:
                buffer.ZigZag(opened.Stream);
                buffer.Text(opened.Node);
                buffer.Text(opened.NodeCluster);
                break;
            case ControlEvent.StatsStreamClosed closed:
                buffer.ZigZag(closed.Stream);
                break;
            case ControlEvent.TopologyChanged changed:
                Write(buffer, changed.Topology);
                break;
            case ControlEvent.RecordAppended appended:
                buffer.ZigZag(appended.Sequence);
                buffer.Text(appended.LeafHash);
                break;
            case ControlEvent.RecordRefused refused:
                buffer.ZigZag(refused.Sequence);
                buffer.Text(refused.Reason);
                break;
            case ControlEvent.RouteHeld held:
                Write(buffer, held);
                break;
            case ControlEvent.OverlayRejected { Rejection: var rejection }:
                buffer.Text(rejection.OverlayId);
                buffer.Text(rejection.Node);
                buffer.Text(rejection.Version);
                buffer.Text(rejection.Reason);
                break;
            case ControlEvent.OverlayRefused refused:
                buffer.Text(refused.OverlayId);
                buffer.Text(refused.Reason);
                break;
            case ControlEvent.BaselinesRead { Hour: var hour }:
                BaselineCodec.Write(buffer, hour);
                break;
            default:
                WriteTraffic(buffer, happened);
                break;
        }
    }

    /// <summary>What comes a few times a second at most: JSON, which takes over what is added to it.</summary>
    private static void WriteTraffic(RecordingBuffer buffer, ControlEvent happened)
    {
        switch (happened)
        {
            case ControlEvent.ProxyConnected connected:
                buffer.Text(connected.Node);
                break;
            case ControlEvent.ProxyDisconnected disconnected:
                buffer.Text(disconnected.Node);
                break;
            case ControlEvent.ProxyDrifted drifted:
                buffer.Text(drifted.Node);
                buffer.Varint((ulong)Math.Max(0, drifted.Resources));
                buffer.Byte(drifted.IsRejected ? (byte)1 : (byte)0);
                break;
            case ControlEvent.LoadStreamOpened opened:
                buffer.Bytes(RecordingJson.Write(opened));
                break;
            case ControlEvent.LoadStreamClosed closed:
                buffer.ZigZag(closed.Stream);
                break;
            case ControlEvent.LoadReported reported:
                buffer.Bytes(RecordingJson.Write(reported));
                break;
            case ControlEvent.AccessLogged logged:
                buffer.Bytes(RecordingJson.Write(logged));
                break;
            case ControlEvent.UpstreamReported reported:
                buffer.Bytes(RecordingJson.Write(reported));
                break;
            default:
                buffer.Text(happened.GetType().Name);
                break;
        }
    }

    /// <summary>Reads any event but a batch of stats.</summary>
    /// <returns>Null where the cursor is broken, or the event was recorded by its name alone, which is then
    /// <paramref name="unrecorded"/>.</returns>
    internal static ControlEvent? Read(byte kind, ref RecordingCursor cursor, out string? unrecorded)
    {
        unrecorded = null;
        ControlEvent? happened = null;
        switch (kind)
        {
            case Unrecorded:
                unrecorded = cursor.Text();
                break;
            case StreamOpened:
                happened = new ControlEvent.StatsStreamOpened(cursor.ZigZag(), cursor.Text(), cursor.Text());
                break;
            case StreamClosed:
                happened = new ControlEvent.StatsStreamClosed(cursor.ZigZag());
                break;
            case Topology:
                if (ReadJson<GatewayTopology>(ref cursor) is { } topology)
                    happened = new ControlEvent.TopologyChanged(topology);
                break;
            case Appended:
                happened = new ControlEvent.RecordAppended(cursor.ZigZag(), cursor.Text());
                break;
            case Refused:
                happened = new ControlEvent.RecordRefused(cursor.ZigZag(), cursor.Text());
                break;
            case Held:
                happened = ReadHeld(ref cursor);
                break;
            case Rejected:
                happened = new ControlEvent.OverlayRejected(
                    new RouteRejection(cursor.Text(), cursor.Text(), cursor.Text(), cursor.Text()));
                break;
            case OverlayRefused:
                happened = new ControlEvent.OverlayRefused(cursor.Text(), cursor.Text());
                break;
            case Baselines:
                happened = new ControlEvent.BaselinesRead(BaselineCodec.Read(ref cursor));
                break;
            default:
                happened = ReadTraffic(kind, ref cursor);
                break;
        }

        return cursor.IsBroken ? null : happened;
    }

    private static ControlEvent? ReadTraffic(byte kind, ref RecordingCursor cursor)
    {
        switch (kind)
        {
            case Connected:
                return new ControlEvent.ProxyConnected(cursor.Text());
            case Disconnected:
                return new ControlEvent.ProxyDisconnected(cursor.Text());
            case Drifted:
                return new ControlEvent.ProxyDrifted(
                    cursor.Text(), cursor.Count(int.MaxValue, "resources"), cursor.Byte() != 0);
            case LoadOpened:
                return ReadJson<ControlEvent.LoadStreamOpened>(ref cursor);
            case LoadClosed:
                return new ControlEvent.LoadStreamClosed(cursor.ZigZag());
            case Load:
                return ReadJson<ControlEvent.LoadReported>(ref cursor);
            case AccessLog:
                return ReadJson<ControlEvent.AccessLogged>(ref cursor);
            case Upstream:
                return ReadJson<ControlEvent.UpstreamReported>(ref cursor);
            default:
                cursor.Fail($"an event of a kind from 0 to {Kinds.Values.Max()}, not {kind}");
                return null;
        }
    }

    private static T? ReadJson<T>(ref RecordingCursor cursor)
        where T : class
    {
        var json = cursor.Bytes(RecordingFormat.ChunkLengthMax);
        if (!cursor.IsBroken && RecordingJson.TryRead<T>(json, out var value))
            return value;
        cursor.Fail($"a {typeof(T).Name} as JSON");
        return null;
    }

    /// <summary>Writes a topology: rare, and the part of the inbox that grows new facts most often, so it is JSON.
    /// </summary>
    private static void Write(RecordingBuffer buffer, GatewayTopology topology) =>
        buffer.Bytes(RecordingJson.Write(topology));

    /// <summary>Writes how the proxies stand towards a route.</summary>
    private static void Write(RecordingBuffer buffer, ControlEvent.RouteHeld held)
    {
        buffer.Text(held.RouteConfiguration);
        buffer.Varint((ulong)Math.Max(0, held.Subscribed));
        buffer.Varint((ulong)Math.Max(0, held.Holding));
        buffer.Text(held.ContentHash);
        buffer.Text(held.SourceHash);
        Write(buffer, held.Overlays);
    }

    /// <summary>Reads how the proxies stand towards a route.</summary>
    private static ControlEvent.RouteHeld ReadHeld(ref RecordingCursor cursor) => new(
        cursor.Text(),
        cursor.Count(int.MaxValue, "proxies"),
        cursor.Count(int.MaxValue, "proxies"),
        cursor.Text(),
        cursor.Text(),
        ReadTexts(ref cursor));

    private static void Write(RecordingBuffer buffer, ImmutableArray<string> texts)
    {
        buffer.Varint((ulong)texts.Length);
        foreach (var text in texts)
            buffer.Text(text);
    }

    private static ImmutableArray<string> ReadTexts(ref RecordingCursor cursor)
    {
        var count = cursor.Count(ItemsMax, "texts");
        var texts = ImmutableArray.CreateBuilder<string>();
        for (var i = 0; i < count && !cursor.IsBroken; i++)
            texts.Add(cursor.Text());
        return texts.ToImmutable();
    }
}
