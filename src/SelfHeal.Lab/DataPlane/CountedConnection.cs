using System.Net.Sockets;

namespace SelfHeal.Lab.DataPlane;

/// <summary>An upstream connection that says when it is closed, for the gauge <c>upstream_cx_active</c>.</summary>
internal sealed class CountedConnection(Socket socket, Action closed) : NetworkStream(socket, ownsSocket: true)
{
    private int _closed;

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (Interlocked.Exchange(ref _closed, 1) == 0)
            closed();
        base.Dispose(disposing);
    }
}
