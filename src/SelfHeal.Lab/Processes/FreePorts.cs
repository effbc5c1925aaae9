using System.Net;
using System.Net.Sockets;

namespace SelfHeal.Lab.Processes;

/// <summary>Finds loopback ports that nothing listens on.</summary>
public static class FreePorts
{
    /// <summary>
    /// Several different free ports. They are released before they are returned, so another process could take one; the
    /// kernel hands out others first, and who then finds a port taken fails with a clear message.
    /// </summary>
    /// <param name="count">1 to 64.</param>
    public static int[] Take(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, 64);
        var listeners = new TcpListener[count];
        try
        {
            var ports = new int[count];
            for (var i = 0; i < count; i++)
            {
                listeners[i] = new TcpListener(IPAddress.Loopback, 0);
                listeners[i].Start();
                ports[i] = ((IPEndPoint)listeners[i].LocalEndpoint).Port;
            }

            return ports;
        }
        finally
        {
            foreach (var listener in listeners)
                listener?.Dispose();
        }
    }
}
