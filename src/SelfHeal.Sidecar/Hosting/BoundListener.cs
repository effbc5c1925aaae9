using System.Net;
using System.Net.Sockets;
using SelfHeal.Grpc;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Security;

namespace SelfHeal.Sidecar.Hosting;

/// <summary>
/// A socket that already listens. Opening it before Kestrel starts lets a port in use end as one line that names the
/// key, and tells the port when the system chose it.
/// </summary>
internal sealed class BoundListener : IDisposable
{
    // Kestrel's own default. Past it the kernel drops connection attempts, and Envoy tries again.
    private const int Backlog = 512;

    private BoundListener(Socket socket, ListenAddress address)
    {
        Socket = socket;
        Address = address;
    }

    /// <summary>The listening socket.</summary>
    public Socket Socket { get; }

    /// <summary>Where it listens, with the port that the system chose.</summary>
    public ListenAddress Address { get; }

    /// <summary>Opens a listener.</summary>
    /// <param name="key">The key that names the address.</param>
    /// <param name="address">The address.</param>
    /// <param name="mode">The mode of a Unix socket's file.</param>
    /// <param name="group">The group of a Unix socket's file; null: that of the process.</param>
    /// <exception cref="ListenFailedException">It cannot be opened.</exception>
    public static BoundListener Open(
        string key, ListenAddress address, UnixFileMode mode = GrpcUnixSocket.OwnerOnly, string? group = null)
    {
        ArgumentNullException.ThrowIfNull(address);
        Socket? socket = null;
        try
        {
            socket = address switch
            {
                ListenAddress.Tcp(var ip, var port) => Bind(new IPEndPoint(ip, port)),
                ListenAddress.Unix(var path) => Bind(path, mode, group),
                _ => throw new InvalidOperationException($"{key} has an unknown kind of address"),
            };
            // Bind alone does not claim a TCP port against another process that has not called listen either.
            socket.Listen(Backlog);
            return new BoundListener(
                socket,
                socket.LocalEndPoint is IPEndPoint bound ? new ListenAddress.Tcp(bound.Address, bound.Port) : address);
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            socket?.Dispose();
            throw new ListenFailedException(key, address, Reason(exception), exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Socket.Dispose();

    private static Socket Bind(IPEndPoint endpoint)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(endpoint);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static Socket Bind(string path, UnixFileMode mode, string? group)
    {
        // Nobody gets in before the group is right: the mode that is asked for comes after it.
        var socket = GrpcUnixSocket.Bind(path, GrpcUnixSocket.OwnerOnly);
        try
        {
            if (group is not null)
                UnixSocketFile.SetGroup(path, group);
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, mode);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static string Reason(Exception exception) => (exception as SocketException)?.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse =>
            "the address is in use; stop what listens there or choose another one",
        SocketError.AccessDenied => "permission denied; a port below 1024 needs CAP_NET_BIND_SERVICE",
        SocketError.AddressNotAvailable => "this machine has no such address",
        _ => exception.Message,
    };
}
