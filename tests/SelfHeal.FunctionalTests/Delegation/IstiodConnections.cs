using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace SelfHeal.FunctionalTests.Delegation;

/// <summary>
/// The connections, and their end by age as grpc-go does it: a GOAWAY, so that no new stream is opened, and after a
/// grace the end of the connection with all streams on it, none of which has a status then. Thread-safe.
/// </summary>
internal sealed class IstiodConnections(TimeProvider timeProvider, TimeSpan? ageMax)
{
    /// <summary>What Istiod leaves at its default.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, ConnectionContext> _open = new(StringComparer.Ordinal);

    public int Count => _open.Count;

    public void Add(ConnectionContext connection)
    {
        _open[connection.ConnectionId] = connection;
        var aging = ageMax is { } age
            ? timeProvider.CreateTimer(
                _ => connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose(),
                null,
                age,
                Timeout.InfiniteTimeSpan)
            : null;
        var closing = ageMax is { } whole
            ? timeProvider.CreateTimer(_ => connection.Abort(), null, whole + Grace, Timeout.InfiniteTimeSpan)
            : null;
        connection.ConnectionClosed.Register(() =>
        {
            _open.TryRemove(connection.ConnectionId, out _);
            aging?.Dispose();
            closing?.Dispose();
        });
    }

    /// <summary>Cuts all connections, as a network does that breaks.</summary>
    public void Drop()
    {
        foreach (var connection in _open.Values)
            connection.Abort();
    }
}
