using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;

namespace SelfHeal.Benchmarks.Feeding;

/// <summary>
/// One HTTP/2 connection with one <c>StreamMetrics</c> call on stream 1, written by hand (RFC 9113) so that feeding
/// costs a few system calls a flush: ready frames go out as far as the server's windows allow, several in one call.
/// </summary>
internal sealed class StatsConnection : IAsyncDisposable
{
    private const byte Headers = 1;
    private const byte Reset = 3;
    private const byte Settings = 4;
    private const byte Ping = 6;
    private const byte GoAway = 7;
    private const byte WindowUpdate = 8;

    /// <summary>One call sends at most this much, so that a credit that comes meanwhile is soon used.</summary>
    private const int BurstMax = 512 * 1024;

    private readonly Socket _socket;
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly Channel<byte> _credit = Channel.CreateBounded<byte>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly byte[] _prefix = new byte[WireFlush.FrameHeaderLength + 4096];
    private long _connectionWindow = 65_535;
    private long _streamWindow = 65_535;
    private long _initialWindow = 65_535;
    private long _credited;
    private Task _reading = Task.CompletedTask;
    private volatile string? _failure;
    private bool _isFirst = true;

    private StatsConnection(Socket socket) => _socket = socket;

    /// <summary>Bytes of the stream that the server has taken and given credit for again.</summary>
    public long Credited => Volatile.Read(ref _credited);

    /// <summary>Flushes sent to their last byte.</summary>
    public long Flushes { get; private set; }

    public static async Task<StatsConnection> ConnectAsync(int port, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        var connection = new StatsConnection(socket);
        var preface = new MemoryStream();
        preface.Write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8);
        WriteFrame(preface, Settings, 0, 0, []);
        WriteFrame(preface, Headers, 0x4, 1, HeaderBlock());
        await connection.SendRawAsync(preface.ToArray(), cancellationToken);

        // Not before: the answer to the server's SETTINGS must not overtake the preface.
        connection._reading = connection.ReadAsync();
        return connection;
    }

    /// <summary>Sends one flush; the first one names the node.</summary>
    public async Task SendAsync(WireFlush flush, byte[] identifier, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(flush);
        ArgumentNullException.ThrowIfNull(identifier);
        var named = _isFirst ? identifier : [];
        _isFirst = false;
        var head = WireFlush.GrpcHeaderLength + named.Length;
        WireFlush.WriteFrameHeader(_prefix, head);
        _prefix[WireFlush.FrameHeaderLength] = 0;
        BinaryPrimitives.WriteInt32BigEndian(
            _prefix.AsSpan(WireFlush.FrameHeaderLength + 1), named.Length + flush.MessageLength);
        named.CopyTo(_prefix, WireFlush.FrameHeaderLength + WireFlush.GrpcHeaderLength);
        var prefix = _prefix.AsMemory(0, WireFlush.FrameHeaderLength + head);
        await SendFramesAsync(prefix, [prefix.Length], cancellationToken);
        await SendFramesAsync(flush.Wire, flush.FrameEnds, cancellationToken);
        Flushes++;
    }

    public async ValueTask DisposeAsync()
    {
        _failure ??= "disposed";
        _socket.Dispose();
        await _reading;
        _sending.Dispose();
    }

    private static byte[] HeaderBlock()
    {
        var block = new List<byte>();
        (string Name, string Value)[] fields =
        [
            (":method", "POST"), (":scheme", "http"),
            (":path", "/envoy.service.metrics.v3.MetricsService/StreamMetrics"), (":authority", "127.0.0.1"),
            ("content-type", "application/grpc"), ("te", "trailers"),
        ];
        foreach (var (name, value) in fields)
        {
            // RFC 7541, section 6.2.2: a literal that is not indexed, without Huffman coding.
            block.Add(0);
            block.Add(checked((byte)name.Length));
            block.AddRange(Encoding.ASCII.GetBytes(name));
            block.Add(checked((byte)value.Length));
            block.AddRange(Encoding.ASCII.GetBytes(value));
        }

        return [.. block];
    }

    private static void WriteFrame(Stream output, byte type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        Span<byte> header = stackalloc byte[WireFlush.FrameHeaderLength];
        BinaryPrimitives.WriteInt32BigEndian(header, payload.Length << 8);
        header[3] = type;
        header[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(header[5..], stream);
        output.Write(header);
        output.Write(payload);
    }

    private async Task SendFramesAsync(
        ReadOnlyMemory<byte> wire, int[] frameEnds, CancellationToken cancellationToken)
    {
        var start = 0;
        for (var frame = 0; frame < frameEnds.Length;)
        {
            var window = Math.Min(Volatile.Read(ref _connectionWindow), Volatile.Read(ref _streamWindow));
            var end = start;
            var payload = 0L;
            while (frame < frameEnds.Length && end - start < BurstMax)
            {
                var more = frameEnds[frame] - end - WireFlush.FrameHeaderLength;
                if (payload + more > window)
                    break;
                payload += more;
                end = frameEnds[frame++];
            }

            if (end == start)
            {
                Check();
                await _credit.Reader.ReadAsync(cancellationToken);
                continue;
            }

            Interlocked.Add(ref _connectionWindow, -payload);
            Interlocked.Add(ref _streamWindow, -payload);
            await SendRawAsync(wire[start..end], cancellationToken);
            start = end;
        }
    }

    private async Task SendRawAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken);
        try
        {
            Check();
            while (!bytes.IsEmpty)
                bytes = bytes[await _socket.SendAsync(bytes, SocketFlags.None, cancellationToken)..];
        }
        finally
        {
            _sending.Release();
        }
    }

    private void Check()
    {
        if (_failure is { } failure)
            throw new InvalidOperationException($"the server ended the stream: {failure}");
    }

    private async Task ReadAsync()
    {
        try
        {
            var header = new byte[WireFlush.FrameHeaderLength];
            var payload = new byte[64 * 1024];
            await using var stream = new NetworkStream(_socket, ownsSocket: false);
            await using var buffered = new BufferedStream(stream, 4096);
            while (_failure is null)
            {
                await buffered.ReadExactlyAsync(header);
                var length = BinaryPrimitives.ReadInt32BigEndian(header) >>> 8;
                await buffered.ReadExactlyAsync(payload.AsMemory(0, length));
                await TakeAsync(
                    header[3], header[4], BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(5)), payload, length);
            }
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or SocketException
            or InvalidOperationException)
        {
            // Told to whoever sends next.
            _failure ??= error.Message;
        }

        _credit.Writer.TryWrite(0);
    }

    private async Task TakeAsync(byte type, byte flags, int stream, byte[] payload, int length)
    {
        switch (type)
        {
            case Settings when (flags & 1) == 0:
                TakeSettings(payload.AsSpan(0, length));
                await SendControlAsync(Settings, []);
                break;
            case Ping when (flags & 1) == 0:
                await SendControlAsync(Ping, payload[..length]);
                break;
            case WindowUpdate:
                var more = BinaryPrimitives.ReadInt32BigEndian(payload) & int.MaxValue;
                Interlocked.Add(ref stream == 0 ? ref _connectionWindow : ref _streamWindow, more);
                if (stream != 0)
                    Interlocked.Add(ref _credited, more);
                break;
            case Reset or GoAway:
                _failure = $"frame of type {type}, code {BinaryPrimitives.ReadInt32BigEndian(
                    payload.AsSpan(type == GoAway ? 4 : 0))}";
                break;
            case Headers when (flags & 1) != 0:
                _failure = "trailers " + Encoding.ASCII.GetString(payload, 0, length);
                break;
        }

        _credit.Writer.TryWrite(0);
    }

    private void TakeSettings(ReadOnlySpan<byte> settings)
    {
        const ushort InitialWindowSize = 4;
        for (; settings.Length >= 6; settings = settings[6..])
        {
            if (BinaryPrimitives.ReadUInt16BigEndian(settings) != InitialWindowSize)
                continue;
            var window = BinaryPrimitives.ReadUInt32BigEndian(settings[2..]);
            Interlocked.Add(ref _streamWindow, window - _initialWindow);
            _initialWindow = window;
        }
    }

    private Task SendControlAsync(byte type, byte[] payload)
    {
        var frame = new MemoryStream();
        WriteFrame(frame, type, 1, 0, payload);
        return SendRawAsync(frame.ToArray(), CancellationToken.None);
    }
}
