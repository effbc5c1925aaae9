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
                happened = new ControlEvent.TopologyChanged(ReadTopology(ref cursor));
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
                cursor.Fail($"an event of a kind from 0 to {Kinds.Values.Max()}, not {kind}");
                break;
        }

        return cursor.IsBroken ? null : happened;
    }

    /// <summary>Writes a topology: rare, and the part of the inbox that grows new facts most often, so it is JSON.
    /// </summary>
    internal static void Write(RecordingBuffer buffer, GatewayTopology topology) =>
        buffer.Bytes(RecordingJson.Write(topology));

    /// <summary>Reads a topology.</summary>
    internal static GatewayTopology ReadTopology(ref RecordingCursor cursor)
    {
        var json = cursor.Bytes(RecordingFormat.ChunkLengthMax);
        if (!cursor.IsBroken && RecordingJson.TryRead<GatewayTopology>(json, out var topology))
            return topology;
        cursor.Fail("a topology as JSON");
        return GatewayTopology.Empty;
    }

    /// <summary>Writes how the proxies stand towards a route.</summary>
    internal static void Write(RecordingBuffer buffer, ControlEvent.RouteHeld held)
    {
        buffer.Text(held.RouteConfiguration);
        buffer.Varint((ulong)Math.Max(0, held.Subscribed));
        buffer.Varint((ulong)Math.Max(0, held.Holding));
        buffer.Text(held.ContentHash);
        buffer.Text(held.SourceHash);
        Write(buffer, held.Overlays);
    }

    /// <summary>Reads how the proxies stand towards a route.</summary>
    internal static ControlEvent.RouteHeld ReadHeld(ref RecordingCursor cursor) => new(
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
