using System.Net;
using System.Net.Sockets;
using SelfHeal.Sidecar.Config;

namespace SelfHeal.Sidecar.Hosting;

/// <summary>
/// A socket that already listens. Opening it before Kestrel starts lets a port in use end as one line that names the
/// key, and tells the port when the system chose it.
/// </summary>
internal sealed class BoundListener : IDisposable
{
    // Kestrel's own default. Past it the kernel drops connection attempts, and Envoy tries again.
    private const int Backlog = 512;

    private BoundListener(Socket socket, EndPoint endpoint, ListenAddress address)
    {
        Socket = socket;
        Endpoint = endpoint;
        Address = address;
    }

    /// <summary>The listening socket.</summary>
    public Socket Socket { get; }

    /// <summary>Where it listens, for Kestrel.</summary>
    public EndPoint Endpoint { get; }

    /// <summary>Where it listens, with the port that the system chose.</summary>
    public ListenAddress Address { get; }

    /// <summary>Opens a listener.</summary>
    /// <param name="key">The key that names the address.</param>
    /// <param name="address">The address.</param>
    /// <exception cref="ListenFailedException">It cannot be opened.</exception>
    public static BoundListener Open(string key, ListenAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var socket = address is ListenAddress.Tcp tcp
            ? new Socket(tcp.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
            : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            return address switch
            {
                ListenAddress.Tcp(var ip, var port) => Listen(socket, new IPEndPoint(ip, port), address),
                ListenAddress.Unix(var path) => ListenUnix(socket, path, address),
                _ => throw new InvalidOperationException($"{key} has an unknown kind of address"),
            };
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw new ListenFailedException(key, address, Reason(exception), exception);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Socket.Dispose();

    private static BoundListener Listen(Socket socket, EndPoint endpoint, ListenAddress address)
    {
        socket.Bind(endpoint);
        // Bind alone does not claim a TCP port against another process that has not called listen either.
        socket.Listen(Backlog);
        var bound = socket.LocalEndPoint ?? endpoint;
        return new BoundListener(
            socket, bound, bound is IPEndPoint ip ? new ListenAddress.Tcp(ip.Address, ip.Port) : address);
    }

    private static BoundListener ListenUnix(Socket socket, string path, ListenAddress address)
    {
        var endpoint = new UnixDomainSocketEndPoint(path);
        if (File.Exists(path))
        {
            // A process that was killed leaves its socket file behind; only one that answers is in use.
            using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                probe.Connect(endpoint);
                throw new SocketException((int)SocketError.AddressAlreadyInUse);
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionRefused)
            {
                if (!IsRegularFile(path))
                    File.Delete(path);
            }
        }

        return Listen(socket, endpoint, address);
    }

    // Connecting to a regular file is refused as well, and that file may be somebody's data.
    private static bool IsRegularFile(string path)
    {
        using var handle = TryOpen(path);
        return handle is not null;
    }

    private static FileStream? TryOpen(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // open(2) of a socket ends in ENXIO.
            return null;
        }
    }

    private static string Reason(SocketException exception) => exception.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse =>
            "the address is in use; stop what listens there or choose another one",
        SocketError.AccessDenied => "permission denied; a port below 1024 needs CAP_NET_BIND_SERVICE",
        SocketError.AddressNotAvailable => "this machine has no such address",
        _ => exception.Message,
    };
}
