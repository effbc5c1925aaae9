using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SelfHeal.Benchmarks.XdsLoad;

/// <summary>
/// One Envoy: an HTTP/2 connection with one ADS call on stream 1, written by hand (RFC 9113) so that a response costs
/// one read and its ACK one write. It acknowledges everything. Used by one thread only.
/// </summary>
internal sealed class XdsConnection : IDisposable
{
    private const byte Data = 0;
    private const byte Headers = 1;
    private const byte Reset = 3;
    private const byte Settings = 4;
    private const byte Ping = 6;
    private const byte GoAway = 7;
    private const byte WindowUpdate = 8;
    private const byte EndStream = 1;
    private const byte Padded = 8;
    private const int FrameHeaderLength = 9;

    /// <summary>As Envoy has it since 1.35: 16 MiB for a stream, and here for the connection too.</summary>
    private const int WindowBytes = 16 * 1024 * 1024;

    private const int InitialWindow = 65_535;

    private readonly Socket _socket;
    private readonly XdsRequests _requests;
    private readonly DiscoveryScanner _scanner;
    private readonly Action<XdsConnection> _onMessage;
    private readonly byte[] _header = new byte[FrameHeaderLength];
    private readonly byte[] _control = new byte[64];
    private int _headerFill;
    private int _payloadLength;
    private int _payloadLeft;
    private int _controlFill;
    private int _uncredited;
    private long _sendWindow = InitialWindow;

    private XdsConnection(int index, Socket socket, XdsRequests requests, Action<XdsConnection> onMessage)
    {
        Index = index;
        _socket = socket;
        _requests = requests;
        _onMessage = onMessage;
        _scanner = new DiscoveryScanner(OnMessage);
    }

    /// <summary>Which of the fleet it is.</summary>
    public int Index { get; }

    /// <summary>For epoll.</summary>
    public nint Descriptor => _socket.Handle;

    /// <summary>Bytes that lie unread in the socket.</summary>
    public int Unread => _socket.Available;

    /// <summary>Whether the response that has just ended is about endpoints.</summary>
    public bool IsAboutEndpoints { get; private set; }

    /// <summary>Resources in the response that has just ended.</summary>
    public int Resources => _scanner.Resources;

    /// <summary>The length of the response that has just ended.</summary>
    public int MessageBytes => _scanner.MessageBytes;

    /// <summary>Clusters received since the connection was opened.</summary>
    public int Clusters { get; set; }

    /// <summary>Assignments received since the connection was opened.</summary>
    public int Assignments { get; set; }

    /// <summary>When it was opened, in the fleet's nanoseconds.</summary>
    public long OpenedAt { get; init; }

    /// <summary>Connects and subscribes to all clusters.</summary>
    /// <param name="index">Names the node.</param>
    /// <param name="port">On loopback.</param>
    /// <param name="requests">What it sends.</param>
    /// <param name="onMessage">Called at the end of each response, before its ACK.</param>
    /// <param name="now">When.</param>
    /// <param name="isStalled">It gives the server the least credit there is and must not be read.</param>
    public static XdsConnection Open(
        int index, int port, XdsRequests requests, Action<XdsConnection> onMessage, long now, bool isStalled)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (isStalled)
                socket.ReceiveBufferSize = 4096;
            socket.Connect(IPAddress.Loopback, port);
            socket.Blocking = false;
            var connection = new XdsConnection(index, socket, requests, onMessage) { OpenedAt = now };
            connection.Send(Preface(requests.Path, isStalled));
            connection.SendMessage(requests.First(index));
            return connection;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Takes what has come.</summary>
    /// <param name="buffer">Shared by all: nothing stays in it.</param>
    public void Receive(byte[] buffer)
    {
        var count = _socket.Receive(buffer, SocketFlags.None, out var error);
        if (error == SocketError.WouldBlock)
            return;
        if (error != SocketError.Success || count == 0)
            throw new InvalidOperationException($"stream {Index}: the server closed the connection ({error})");
        Take(buffer.AsSpan(0, count));
    }

    /// <summary>Asks for the endpoints of all clusters.</summary>
    public void SubscribeEndpoints() => SendMessage(_requests.Endpoints);

    public void Dispose() => _socket.Dispose();

    private static byte[] Preface(string path, bool isStalled)
    {
        const ushort InitialWindowSize = 4;
        var preface = new List<byte>();
        preface.AddRange("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8);
        if (isStalled)
        {
            preface.AddRange(Frame(Settings, 0, 0, []));
        }
        else
        {
            var setting = new byte[6];
            BinaryPrimitives.WriteUInt16BigEndian(setting, InitialWindowSize);
            BinaryPrimitives.WriteInt32BigEndian(setting.AsSpan(2), WindowBytes);
            preface.AddRange(Frame(Settings, 0, 0, setting));
            preface.AddRange(Frame(WindowUpdate, 0, 0, Number(WindowBytes - InitialWindow)));
        }

        preface.AddRange(Frame(Headers, 0x4, 1, HeaderBlock(path)));
        return [.. preface];
    }

    private static byte[] HeaderBlock(string path)
    {
        var block = new List<byte>();
        (string Name, string Value)[] fields =
        [
            (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "127.0.0.1"),
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

    private static byte[] Frame(byte type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[FrameHeaderLength + payload.Length];
        WriteFrameHeader(frame, type, flags, stream, payload.Length);
        payload.CopyTo(frame.AsSpan(FrameHeaderLength));
        return frame;
    }

    private static void WriteFrameHeader(Span<byte> frame, byte type, byte flags, int stream, int length)
    {
        BinaryPrimitives.WriteInt32BigEndian(frame, length << 8);
        frame[3] = type;
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame[5..], stream);
    }

    private static byte[] Number(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int taken;
            if (_headerFill < FrameHeaderLength)
            {
                taken = Math.Min(FrameHeaderLength - _headerFill, bytes.Length);
                bytes[..taken].CopyTo(_header.AsSpan(_headerFill));
                _headerFill += taken;
                if (_headerFill == FrameHeaderLength)
                    StartFrame();
            }
            else
            {
                taken = Math.Min(_payloadLeft, bytes.Length);
                TakePayload(bytes[..taken]);
                _payloadLeft -= taken;
            }

            bytes = bytes[taken..];
            if (_headerFill == FrameHeaderLength && _payloadLeft == 0)
            {
                EndFrame();
                _headerFill = 0;
            }
        }
    }

    private void StartFrame()
    {
        _payloadLength = _payloadLeft = BinaryPrimitives.ReadInt32BigEndian(_header) >>> 8;
        _controlFill = 0;
        if (_header[3] == Data && (_header[4] & Padded) != 0)
            throw new InvalidOperationException("the server pads its frames");
    }

    private void TakePayload(ReadOnlySpan<byte> part)
    {
        if (_header[3] == Data)
        {
            _scanner.Take(part);
            return;
        }

        var kept = Math.Min(part.Length, _control.Length - _controlFill);
        part[..kept].CopyTo(_control.AsSpan(_controlFill));
        _controlFill += kept;
    }

    private void EndFrame()
    {
        var flags = _header[4];
        switch (_header[3])
        {
            case Data:
                Credit();
                break;
            case Settings when (flags & 1) == 0:
                TakeSettings(_control.AsSpan(0, _controlFill));
                Send(Frame(Settings, 1, 0, []));
                break;
            case Ping when (flags & 1) == 0:
                Send(Frame(Ping, 1, 0, _control.AsSpan(0, 8)));
                break;
            case WindowUpdate when BinaryPrimitives.ReadInt32BigEndian(_header.AsSpan(5)) != 0:
                _sendWindow += BinaryPrimitives.ReadInt32BigEndian(_control) & int.MaxValue;
                break;
            case Reset or GoAway:
                throw new InvalidOperationException($"stream {Index}: the server sent a frame of type {_header[3]}");
            case Headers when (flags & EndStream) != 0:
                throw new InvalidOperationException($"stream {Index}: the server ended the stream");
        }
    }

    private void Credit()
    {
        _uncredited += _payloadLength;
        if (_uncredited < WindowBytes / 2)
            return;
        var more = Number(_uncredited);
        _uncredited = 0;
        Send([.. Frame(WindowUpdate, 0, 0, more), .. Frame(WindowUpdate, 0, 1, more)]);
    }

    private void TakeSettings(ReadOnlySpan<byte> settings)
    {
        const ushort InitialWindowSize = 4;
        for (; settings.Length >= 6; settings = settings[6..])
        {
            if (BinaryPrimitives.ReadUInt16BigEndian(settings) == InitialWindowSize)
                _sendWindow += BinaryPrimitives.ReadUInt32BigEndian(settings[2..]) - InitialWindow;
        }
    }

    private void OnMessage()
    {
        IsAboutEndpoints = _scanner.TypeUrl.EndsWith("Assignment"u8);
        _onMessage(this);
        SendMessage(_requests.Answer(_scanner, IsAboutEndpoints));
    }

    /// <summary>Sends a ready gRPC message in as many frames as it needs.</summary>
    private void SendMessage(ReadOnlySpan<byte> message)
    {
        const int PayloadMax = 16_384;

        // The server gives credit again long before this is used up; were it not so, the window would be overrun.
        _sendWindow -= message.Length;
        if (_sendWindow < 0)
            throw new InvalidOperationException($"stream {Index}: the server gives no credit for ACKs");
        Span<byte> frame = stackalloc byte[FrameHeaderLength + PayloadMax];
        while (!message.IsEmpty)
        {
            var part = message[..Math.Min(message.Length, PayloadMax)];
            WriteFrameHeader(frame, Data, 0, 1, part.Length);
            part.CopyTo(frame[FrameHeaderLength..]);
            Send(frame[..(FrameHeaderLength + part.Length)]);
            message = message[part.Length..];
        }
    }

    private void Send(ReadOnlySpan<byte> bytes)
    {
        var sent = _socket.Send(bytes, SocketFlags.None, out var error);
        if (error != SocketError.Success || sent != bytes.Length)
            throw new InvalidOperationException($"stream {Index}: {sent} of {bytes.Length} bytes sent ({error})");
    }
}
