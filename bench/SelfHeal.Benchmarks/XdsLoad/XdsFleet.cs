using System.Text.Json;

namespace SelfHeal.Benchmarks.XdsLoad;

/// <summary>
/// <c>xds-client OPTIONS</c>: a process that is many Envoys on one thread. It opens their streams, lets all
/// synchronize, and then asks for changes, one at a time, and sees when each stream has them.
/// </summary>
internal sealed class XdsFleet : IDisposable
{
    private const int ControlKey = -1;
    private const int BufferBytes = 256 * 1024;

    private readonly XdsLoadOptions _options;
    private readonly XdsRequests _requests;
    private readonly Epoll _epoll = new();
    private readonly XdsConnection[] _connections;
    private readonly List<XdsConnection> _stalled = [];
    private readonly ControlLine? _control;
    private readonly byte[] _buffer = new byte[BufferBytes];
    private readonly long[] _arrivals;
    private readonly List<double> _resyncs = [];
    private int _awaited;
    private int _unsynced;
    private bool _isReconnecting;

    private XdsFleet(XdsLoadOptions options)
    {
        _options = options;
        _requests = new XdsRequests(options.IsDelta, options.Clusters);
        _connections = new XdsConnection[options.Streams];
        _arrivals = new long[options.Streams];
        if (options.ControlPort != 0)
        {
            _control = new ControlLine(options.ControlPort);
            _epoll.Add(_control.Descriptor, ControlKey);
        }
    }

    public static async Task<int> RunAsync(string argument, CancellationToken cancellationToken)
    {
        var options = XdsLoadOptions.Parse(argument);
        using var fleet = new XdsFleet(options);
        var result = JsonSerializer.Serialize(fleet.Run());
        await File.WriteAllTextAsync(options.ResultFile, result, cancellationToken);
        return 0;
    }

    public void Dispose()
    {
        foreach (var connection in _connections.Concat(_stalled))
            connection?.Dispose();
        _control?.Dispose();
        _epoll.Dispose();
    }

    private static long Now() => (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;

    private XdsLoadResult Run()
    {
        var start = Now();
        OpenAll();
        WaitFor(() => _unsynced == 0, "every stream has everything");
        var synced = Now();
        for (var i = 0; i < _options.Stalled; i++)
            _stalled.Add(XdsConnection.Open(_options.Streams + i, _options.Port, _requests, Ignore, Now(), true));
        if (_options.SyncedFile.Length > 0)
            File.WriteAllText(_options.SyncedFile, "synced\n");
        var pushes = new List<XdsPush>();
        for (var i = 0; i < _options.WarmPushes + _options.Pushes; i++)
        {
            Idle(_options.Gap);
            var push = Push();
            if (i >= _options.WarmPushes)
                pushes.Add(push);
        }

        if (_options.ReconnectsPerSecond > 0)
            Reconnect();
        else
            Idle(_options.Hold);
        return new XdsLoadResult(
            Millis(synced - start),
            pushes,
            _resyncs.Count,
            _resyncs.Count == 0 ? 0 : Quantile([.. _resyncs.Order()], 0.99),
            _stalled.Sum(static s => (long)s.Unread));
    }

    private void OpenAll()
    {
        const int ConnectsAtOnce = 16;
        _unsynced = _options.Streams;
        for (var i = 0; i < _options.Streams; i++)
        {
            Open(i);

            // What comes meanwhile is read, so that a server that is ready is not held up.
            if (i % ConnectsAtOnce == 0)
                Poll(0);
        }
    }

    private void Open(int index)
    {
        var connection = XdsConnection.Open(index, _options.Port, _requests, OnMessage, Now(), isStalled: false);
        _connections[index] = connection;
        _epoll.Add(connection.Descriptor, index);
    }

    private XdsPush Push()
    {
        var control = _control ?? throw new InvalidOperationException("a push needs the control port");
        Array.Clear(_arrivals);
        _awaited = _options.Streams;
        var busy = Environment.CpuUsage.TotalTime;
        control.Bump();
        WaitFor(() => _awaited == 0 && control.ChangedAt is not null, "every stream has the change");
        busy = Environment.CpuUsage.TotalTime - busy;
        var changed = control.ChangedAt!.Value; // Waited for.
        var times = _arrivals.Select(a => Millis(a - changed)).Order().ToArray();
        return new XdsPush(
            times[0],
            Quantile(times, 0.5),
            Quantile(times, 0.99),
            times[^1],
            busy.TotalMilliseconds,
            Millis(control.SpentNanos));
    }

    /// <summary>Cuts streams and opens them anew at an even pace; the oldest first.</summary>
    private void Reconnect()
    {
        _isReconnecting = true;
        var start = Now();
        var length = _options.Hold.TotalSeconds;
        for (var opened = 0L; ;)
        {
            var elapsed = (Now() - start) / 1e9;
            if (elapsed >= length)
                break;
            for (var due = (long)(elapsed * _options.ReconnectsPerSecond); opened < due; opened++)
            {
                var index = (int)(opened % _options.Streams);
                if (!IsSynced(_connections[index]))
                    throw new InvalidOperationException($"stream {index} is cut before it had everything");
                _connections[index].Dispose();
                _unsynced++;
                Open(index);
            }

            Poll(1);
        }

        WaitFor(() => _unsynced == 0, "every stream that was opened anew has everything");
    }

    private bool IsSynced(XdsConnection connection) => connection.Clusters >= _options.Clusters
        && (!_options.WithEndpoints || connection.Assignments >= _options.Clusters);

    private static void Ignore(XdsConnection connection) =>
        throw new InvalidOperationException("a stalled client has been read");

    private void OnMessage(XdsConnection connection)
    {
        var wasSynced = IsSynced(connection);
        if (connection.IsAboutEndpoints)
        {
            connection.Assignments += connection.Resources;
        }
        else
        {
            var isFirst = connection.Clusters < _options.Clusters;
            connection.Clusters += connection.Resources;
            if (isFirst && _options.WithEndpoints && connection.Clusters >= _options.Clusters)
                connection.SubscribeEndpoints();
            if (_awaited > 0 && _arrivals[connection.Index] == 0)
            {
                CheckPush(connection);
                _arrivals[connection.Index] = Now();
                _awaited--;
            }
        }

        if (wasSynced || !IsSynced(connection))
            return;
        _unsynced--;
        if (_isReconnecting)
            _resyncs.Add(Millis(Now() - connection.OpenedAt));
    }

    private void CheckPush(XdsConnection connection)
    {
        var expected = _options.IsDelta ? 1 : _options.Clusters;
        if (connection.Resources != expected)
        {
            throw new InvalidOperationException(
                $"stream {connection.Index}: {connection.Resources} clusters were pushed, expected {expected}");
        }
    }

    private void WaitFor(Func<bool> isDone, string what)
    {
        var start = Now();
        while (!isDone())
        {
            Poll(10);
            if (Millis(Now() - start) > _options.Patience.TotalMilliseconds)
            {
                throw new InvalidOperationException(
                    $"after {_options.Patience.TotalSeconds} s it is not so that {what}: {_unsynced} not "
                    + $"synchronized, {_awaited} without the change");
            }
        }
    }

    private void Idle(TimeSpan length)
    {
        var end = Now() + (length.Ticks * 100);
        for (var left = end - Now(); left > 0; left = end - Now())
            Poll((int)Math.Min(100, 1 + (left / 1_000_000)));
    }

    private void Poll(int timeoutMillis)
    {
        var count = _epoll.Wait(timeoutMillis);
        for (var i = 0; i < count; i++)
        {
            var key = _epoll.KeyOf(i);
            if (key == ControlKey)
                _control?.Receive(_buffer);
            else
                _connections[key].Receive(_buffer);
        }
    }

    private static double Millis(long nanos) => nanos / 1e6;

    private static double Quantile(double[] ordered, double share) =>
        ordered[Math.Min(ordered.Length - 1, (int)(share * ordered.Length))];
}
