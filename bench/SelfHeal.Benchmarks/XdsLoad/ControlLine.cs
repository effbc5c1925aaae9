using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SelfHeal.Benchmarks.XdsLoad;

/// <summary>
/// Tells a server to change one resource and learns when it did, without waiting for the answer: responses come
/// meanwhile.
/// </summary>
internal sealed class ControlLine : IDisposable
{
    private const string ChangedKey = "\"t0_unix_ns\":";
    private const string SpentKey = "\"bump_ns\":";

    private readonly Socket _socket;
    private readonly byte[] _request;
    private readonly StringBuilder _answer = new();

    /// <param name="port">On loopback.</param>
    /// <param name="target">Which change.</param>
    public ControlLine(int port, string target = "/bump?type=cds")
    {
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _socket.Connect(IPAddress.Loopback, port);
        _socket.Blocking = false;
        _request = Encoding.ASCII.GetBytes(
            $"POST {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n");
    }

    /// <summary>For epoll.</summary>
    public nint Descriptor => _socket.Handle;

    /// <summary>When the last change was made, in nanoseconds since 1970; null until the server has said it.</summary>
    public long? ChangedAt { get; private set; }

    /// <summary>How long the server took to make and publish it; 0 where it does not say.</summary>
    public long SpentNanos { get; private set; }

    public void Bump()
    {
        ChangedAt = null;
        _answer.Clear();
        if (_socket.Send(_request) != _request.Length)
            throw new InvalidOperationException("the control port takes no request");
    }

    /// <summary>Takes what has come.</summary>
    public void Receive(byte[] buffer)
    {
        var count = _socket.Receive(buffer, SocketFlags.None, out var error);
        if (error == SocketError.WouldBlock)
            return;
        if (error != SocketError.Success || count == 0)
            throw new InvalidOperationException($"the server closed its control port ({error}): {_answer}");
        _answer.Append(Encoding.ASCII.GetString(buffer, 0, count));
        var text = _answer.ToString();
        if (!text.Contains('}', StringComparison.Ordinal))
            return;
        SpentNanos = Find(text, SpentKey) ?? 0;
        ChangedAt = Find(text, ChangedKey)
            ?? throw new InvalidOperationException($"the server does not say when it changed: {text}");
    }

    public void Dispose() => _socket.Dispose();

    private static long? Find(string text, string key)
    {
        var start = text.IndexOf(key, StringComparison.Ordinal);
        if (start < 0)
            return null;
        start += key.Length;
        var end = start;
        while (char.IsAsciiDigit(text[end]))
            end++;
        return long.Parse(text[start..end], CultureInfo.InvariantCulture);
    }
}
