using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Text;

namespace SelfHeal.Sidecar.Config;

/// <summary>
/// Where a listener binds: an IP address with a port, or a Unix domain socket. Host names are refused, because what a
/// name resolves to can change between the review of a configuration and its start.
/// </summary>
internal abstract record ListenAddress
{
    /// <summary>What a user may write, for messages and documentation.</summary>
    public const string Expected = "an address such as 127.0.0.1:18000, [::1]:18000 or unix:/run/selfheal.sock";

    // sockaddr_un.sun_path holds 108 bytes on Linux, one of them the terminating zero (unix(7)).
    private const int UnixPathBytesMax = 107;

    private const string UnixPrefix = "unix:";

    /// <summary>Whether nobody outside this machine can reach it.</summary>
    public abstract bool IsLocal { get; }

    /// <summary>Reads an address.</summary>
    /// <param name="text">As the user wrote it.</param>
    /// <param name="address">The address, when the text is one.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out ListenAddress? address)
    {
        ArgumentNullException.ThrowIfNull(text);
        address = text.StartsWith(UnixPrefix, StringComparison.Ordinal) ? ParseUnix(text) : ParseTcp(text);
        return address is not null;
    }

    private static Unix? ParseUnix(string text)
    {
        var path = text[UnixPrefix.Length..];
        return path.Length > 0 && Encoding.UTF8.GetByteCount(path) <= UnixPathBytesMax ? new Unix(path) : null;
    }

    private static Tcp? ParseTcp(string text)
    {
        // IPEndPoint.TryParse takes "::1" and "127.0.0.1" for an address with port 0; a listener without a port is
        // more likely a slip than a wish.
        var colon = text.LastIndexOf(':');
        if (colon < 1 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, null, out var port))
            return null;
        var host = text[..colon];
        if (host.Contains(':', StringComparison.Ordinal) && !(host.StartsWith('[') && host.EndsWith(']')))
            return null;
        return IPAddress.TryParse(host, out var ip) ? new Tcp(ip, port) : null;
    }

    /// <summary>An IP address and a port; port 0 lets the system choose.</summary>
    /// <param name="Address">The address.</param>
    /// <param name="Port">The port.</param>
    internal sealed record Tcp(IPAddress Address, int Port) : ListenAddress
    {
        /// <inheritdoc/>
        public override bool IsLocal => IPAddress.IsLoopback(Address);

        /// <inheritdoc/>
        public override string ToString() => new IPEndPoint(Address, Port).ToString();
    }

    /// <summary>A Unix domain socket.</summary>
    /// <param name="Path">The socket's file.</param>
    internal sealed record Unix(string Path) : ListenAddress
    {
        /// <inheritdoc/>
        public override bool IsLocal => true;

        /// <inheritdoc/>
        public override string ToString() => UnixPrefix + Path;
    }
}
