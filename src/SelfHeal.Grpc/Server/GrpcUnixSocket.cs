using System.Net.Sockets;

namespace SelfHeal.Grpc;

/// <summary>The file of a Unix domain socket.</summary>
internal static class GrpcUnixSocket
{
    /// <summary>Removes a socket file that a dead server has left.</summary>
    /// <exception cref="IOException">Somebody listens there, or the file is no socket.</exception>
    public static void RemoveStale(string path)
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
