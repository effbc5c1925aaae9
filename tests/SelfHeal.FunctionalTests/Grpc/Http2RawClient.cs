using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SelfHeal.FunctionalTests.Grpc;

/// <summary>Writes HTTP/2 frames by hand (RFC 9113), to send what no decent client sends.</summary>
internal sealed class Http2RawClient : IDisposable
{
    public const byte Data = 0;
    public const byte Headers = 1;
    public const byte Reset = 3;
    public const byte Settings = 4;
    public const byte GoAway = 7;

    private readonly TcpClient _tcp = new() { NoDelay = true };
    private NetworkStream _stream = null!; // Set when connected.

    public static async Task<Http2RawClient> ConnectAsync(int port, int initialWindow = 65_535)
    {
        var client = new Http2RawClient();
        await client._tcp.ConnectAsync(IPAddress.Loopback, port).DefaultTimeout();
        client._stream = client._tcp.GetStream();
        await client._stream.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray()).DefaultTimeout();
        var window = new byte[6];
        window[1] = 4; // SETTINGS_INITIAL_WINDOW_SIZE
        BinaryPrimitives.WriteInt32BigEndian(window.AsSpan(2), initialWindow);
        await client.WriteFrameAsync(Settings, 0, 0, window);
        return client;
    }

    public Task WriteAsync(byte[] bytes) => _stream.WriteAsync(bytes).DefaultTimeout();

    public async Task WriteFrameAsync(byte type, byte flags, int stream, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        frame[0] = (byte)(payload.Length >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(1), (ushort)payload.Length);
        frame[3] = type;
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, 9);
        await WriteAsync(frame);
    }

    /// <summary>Opens a call; further header fields as name and value.</summary>
    public Task OpenCallAsync(int stream, string path, params (string Name, string Value)[] fields)
    {
        var block = new List<byte>();
        var pseudo = new[] { (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "test") };
        var all = pseudo.Concat(fields);
        if (!fields.Any(f => f.Name is "content-type"))
            all = all.Append(("content-type", "application/grpc"));
        foreach (var (name, value) in all)
        {
            // RFC 7541, section 6.2.2: a literal that is not indexed, without Huffman coding.
            block.Add(0);
            block.Add(checked((byte)name.Length));
            block.AddRange(Encoding.ASCII.GetBytes(name));
            block.Add(checked((byte)value.Length));
            block.AddRange(Encoding.ASCII.GetBytes(value));
        }
        return WriteFrameAsync(Headers, 0x4, stream, [.. block]);
    }

    /// <summary>Reads frames until the stream has ended: payloads of its DATA, and how it ended.</summary>
    public async Task<(byte[] Body, byte EndedBy)> ReadToEndAsync(int stream)
    {
        var body = new List<byte>();
        while (true)
        {
            var (type, flags, id, payload) = await ReadFrameAsync();
            if (type == Settings && (flags & 1) == 0)
                await WriteFrameAsync(Settings, 1, 0, []);
            if (type == GoAway)
                return ([.. body], GoAway);
            if (id != stream)
                continue;
            if (type == Data)
                body.AddRange(payload);
            if (type == Reset || (type is Data or Headers && (flags & 1) != 0))
                return ([.. body], type);
        }
    }

    public void Dispose() => _tcp.Dispose();

    private async Task<(byte Type, byte Flags, int Stream, byte[] Payload)> ReadFrameAsync()
    {
        var header = new byte[9];
        await _stream.ReadExactlyAsync(header).DefaultTimeout();
        var payload = new byte[(header[0] << 16) | BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(1))];
        await _stream.ReadExactlyAsync(payload).DefaultTimeout();
        return (header[3], header[4], BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(5)), payload);
    }
}
