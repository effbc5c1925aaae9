using SelfHeal.Benchmarks.XdsLoad;

namespace SelfHeal.Benchmarks.Delegation;

/// <summary>
/// Two clients on one thread, one at the upstream and one at the relay: asks for a push to the one, waits for its last
/// byte, then for one to the other, and so on. Of responses it reads nonces and counts, so that what is measured is not
/// its own work.
/// </summary>
internal sealed class RelayRounds : IDisposable
{
    private const int ControlKey = -1;
    private const int BufferBytes = 1024 * 1024;
    private const int Warm = 30;

    // After a push the relay looks at what it was given, tells the upstream and keeps it for the disk: the next push is
    // to meet none of it, or it would burden the direct one as much.
    private static readonly TimeSpan Gap = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Epoll _epoll = new();
    private readonly XdsConnection[] _connections;
    private readonly ControlLine[] _controls;
    private readonly byte[] _buffer = new byte[BufferBytes];
    private readonly RelayShape _shape;
    private readonly int[] _answers = new int[2];
    private XdsConnection? _last;
    private long _lastAt;

    private RelayRounds(int upstreamPort, int controlPort, int relayPort, RelayShape shape, bool isDelta)
    {
        _shape = shape;
        var requests = new XdsRequests(isDelta, clusters: 0);
        _controls =
        [
            new ControlLine(controlPort, shape.Target(isRelayed: false)),
            new ControlLine(controlPort, shape.Target(isRelayed: true)),
        ];
        _connections = [Open(0, upstreamPort, requests), Open(1, relayPort, requests)];
        for (var i = 0; i < _controls.Length; i++)
            _epoll.Add(_controls[i].Descriptor, ControlKey - i);
    }

    /// <summary>Measures.</summary>
    /// <param name="upstreamPort">Of the upstream's ADS.</param>
    /// <param name="controlPort">Where it is told to push.</param>
    /// <param name="relayPort">Of the relay's ADS.</param>
    /// <param name="shape">What is pushed.</param>
    /// <param name="isDelta">The variant of the protocol.</param>
    /// <param name="pushes">How many that count to each.</param>
    public static RelayTimes Run(
        int upstreamPort, int controlPort, int relayPort, RelayShape shape, bool isDelta, int pushes)
    {
        using var rounds = new RelayRounds(upstreamPort, controlPort, relayPort, shape, isDelta);
        rounds.WaitFor(() => rounds._answers[0] > 0 && rounds._answers[1] > 0, "both clients are answered");
        List<double>[] times = [[], []];
        var bytes = 0L;
        for (var i = 0; i < Warm + pushes; i++)
        {
            for (var which = 0; which < times.Length; which++)
            {
                rounds.Idle(Gap);
                var took = rounds.Push(which);
                bytes = Math.Max(bytes, rounds._connections[which].MessageBytes);
                if (i >= Warm)
                    times[which].Add(took);
            }
        }

        return new RelayTimes(bytes, times[0], times[1]);
    }

    public void Dispose()
    {
        foreach (var connection in _connections)
            connection.Dispose();
        foreach (var control in _controls)
            control.Dispose();
        _epoll.Dispose();
    }

    private static long Now() => (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;

    private XdsConnection Open(int index, int port, XdsRequests requests)
    {
        var connection = XdsConnection.Open(index, port, requests, OnMessage, Now(), isStalled: false);
        _epoll.Add(connection.Descriptor, index);
        return connection;
    }

    private double Push(int which)
    {
        var control = _controls[which];
        _last = null;
        control.Bump();
        WaitFor(() => _last is not null && control.ChangedAt is not null, "the push has come");
        if (_last != _connections[which] || _last.Resources != _shape.Clusters)
        {
            throw new InvalidOperationException(
                $"client {_last?.Index} got {_last?.Resources} clusters; expected {_shape.Clusters} for {which}");
        }

        return (_lastAt - control.ChangedAt!.Value) / 1e6; // Waited for.
    }

    private void OnMessage(XdsConnection connection)
    {
        _lastAt = Now();
        _last = connection;
        _answers[connection.Index]++;
    }

    private void WaitFor(Func<bool> isDone, string what)
    {
        var start = Now();
        while (!isDone())
        {
            Poll(10);
            if (Now() - start > Patience.Ticks * 100)
                throw new TimeoutException($"after {Patience.TotalSeconds} s it is not so that {what}");
        }
    }

    private void Idle(TimeSpan length)
    {
        var end = Now() + (length.Ticks * 100);
        for (var left = end - Now(); left > 0; left = end - Now())
            Poll((int)(1 + (left / 1_000_000)));
    }

    private void Poll(int timeoutMillis)
    {
        var count = _epoll.Wait(timeoutMillis);
        for (var i = 0; i < count; i++)
        {
            var key = _epoll.KeyOf(i);
            if (key <= ControlKey)
                _controls[ControlKey - key].Receive(_buffer);
            else
                _connections[key].Receive(_buffer);
        }
    }
}
