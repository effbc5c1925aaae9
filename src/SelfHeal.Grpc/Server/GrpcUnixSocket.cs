using System.Net.Sockets;

namespace SelfHeal.Grpc;

/// <summary>Binds Unix domain sockets, with what their files need.</summary>
public static class GrpcUnixSocket
{
    /// <summary>The permissions 0600: whoever may connect may change what is served.</summary>
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>
    /// Binds a socket to a path. A socket file that a dead server has left is removed first; a file that is no socket
    /// is left alone. Between bind and listen nobody can connect, so that is when the permissions are set.
    /// </summary>
    /// <exception cref="IOException">Somebody listens there, or the file is no socket.</exception>
    /// <exception cref="SocketException">The system refuses, for example because there is no such directory.
    /// </exception>
    public static Socket Bind(string path, UnixFileMode mode)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        RemoveStale(path);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(path));
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

    /// <summary>Removes a socket file that a dead server has left.</summary>
    /// <exception cref="IOException">Somebody listens there, or the file is no socket.</exception>
    internal static void RemoveStale(string path)
    {
        if (!File.Exists(path))
            return;
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException exception) when (
            exception.SocketErrorCode == SocketError.ConnectionRefused && IsSocket(path))
        {
            File.Delete(path);
            return;
        }
        catch (SocketException exception)
        {
            throw new IOException($"'{path}' is in the way and is not a socket that can be replaced", exception);
        }
        throw new IOException($"another server listens on '{path}'");
    }

    // A regular file refuses a connection in the same way as a dead socket does. The runtime has no file type for
    // sockets, but shows both as files without a type of their own; only a regular file can be opened.
    private static bool IsSocket(string path)
    {
        try
        {
            using var file = File.Open(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }
}
