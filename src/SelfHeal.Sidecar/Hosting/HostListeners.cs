using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Security;

namespace SelfHeal.Sidecar.Hosting;

/// <summary>All sockets of the process; either every one of them could be opened or none is.</summary>
/// <param name="Xds">gRPC.</param>
/// <param name="Rest">xDS fetches; null when they are off.</param>
/// <param name="Admin">The admin API.</param>
internal sealed record HostListeners(BoundListener Xds, BoundListener? Rest, BoundListener Admin) : IDisposable
{
    /// <summary>Opens them.</summary>
    /// <param name="options">Where.</param>
    /// <exception cref="ListenFailedException">One cannot be opened.</exception>
    public static HostListeners Open(SelfHealOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var opened = new List<BoundListener>();
        try
        {
            if (!UnixSocketFile.TryParseMode(options.Xds.SocketMode, out var mode))
                throw new ArgumentException("the configuration's checks let only modes pass", nameof(options));
            var group = options.Xds.SocketGroup;
            var xds = Keep(BoundListener.Open("xds.listen", options.Xds.Listen, mode, group));
            var rest = options.Xds.RestListen is { } address
                ? Keep(BoundListener.Open("xds.rest_listen", address, mode, group))
                : null;
            return new HostListeners(xds, rest, BoundListener.Open("admin.listen", options.Admin.Listen));
        }
        catch
        {
            opened.ForEach(static listener => listener.Dispose());
            throw;
        }

        BoundListener Keep(BoundListener listener)
        {
            opened.Add(listener);
            return listener;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Xds.Dispose();
        Rest?.Dispose();
        Admin.Dispose();
    }
}
