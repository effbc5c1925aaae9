using SelfHeal.Core.Time;

namespace SelfHeal.Sidecar.Xds;

/// <summary>
/// Bounds how many streams are sent their first responses at once. When a thousand Envoys connect in the same moment,
/// each would otherwise wait for all, and so would the ACKs and changes of those that run already. Who waits is let in
/// by lot, so that no Envoy is the last one of every herd.
/// </summary>
/// <param name="time">The clock of those that do not answer.</param>
/// <param name="random">Draws who is next.</param>
internal sealed class SyncAdmission(TimeProvider time, IRandomSource random) : IDisposable
{
    /// <summary>
    /// First responses may be megabytes: with 32 of them on the way, memory stays bounded, 640 streams are let in each
    /// second even when Envoys take 50 ms to answer, and an ACK waits for no more than 32 of them. Beyond it streams
    /// wait for a place.
    /// </summary>
    public const int PlacesMax = 32;

    // An Envoy answers in milliseconds. One that has not after half a second (up to twice that, so that those that were
    // let in together do not all leave together) is slow or gone, and the others need not wait for it.
    private static readonly TimeSpan PatienceMin = TimeSpan.FromMilliseconds(500);

    private readonly Lock _lock = new();
    private readonly Dictionary<long, TimeSpan> _inside = [];
    private readonly List<(long Stream, Action Wake)> _waiting = [];
    private readonly Dictionary<long, int> _places = [];
    private readonly long _start = time.GetTimestamp();
    private ITimer? _timer;
    private bool _isArmed;
    private bool _isDisposed;

    /// <summary>How many streams wait for a place; at most every one that is open.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
                return _waiting.Count;
        }
    }

    /// <summary>Asks for a place.</summary>
    /// <param name="stream">The stream; it may ask again.</param>
    /// <param name="wake">Called when it has got one that it had to wait for; under a lock, so it only notes it.
    /// </param>
    /// <returns>Whether it has one.</returns>
    public bool TryEnter(long stream, Action wake)
    {
        ArgumentNullException.ThrowIfNull(wake);
        lock (_lock)
        {
            if (_inside.ContainsKey(stream))
                return true;
            if (_inside.Count < PlacesMax && _waiting.Count == 0)
            {
                LetIn(stream);
                return true;
            }

            if (_places.TryAdd(stream, _waiting.Count))
                _waiting.Add((stream, wake));
            Arm();
            return false;
        }
    }

    /// <summary>Gives up the place, or the wait for one.</summary>
    /// <param name="stream">A stream; one that has neither is no error.</param>
    public void Leave(long stream)
    {
        lock (_lock)
        {
            if (_places.TryGetValue(stream, out var place))
                Forget(place);
            if (_inside.Remove(stream))
                LetNextIn();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _timer?.Dispose();
        }
    }

    private void LetIn(long stream) => _inside.Add(
        stream, time.GetElapsedTime(_start) + PatienceMin + (PatienceMin * (random.NextInt32(1_000) / 1_000.0)));

    private void LetNextIn()
    {
        while (_inside.Count < PlacesMax && _waiting.Count > 0)
        {
            var drawn = random.NextInt32(_waiting.Count);
            var (stream, wake) = _waiting[drawn];
            Forget(drawn);
            LetIn(stream);
            wake();
        }
    }

    /// <summary>The last one takes the place of the one that goes.</summary>
    private void Forget(int place)
    {
        _places.Remove(_waiting[place].Stream);
        var last = _waiting[^1];
        _waiting.RemoveAt(_waiting.Count - 1);
        if (place == _waiting.Count)
            return;
        _waiting[place] = last;
        _places[last.Stream] = place;
    }

    /// <summary>Only while streams wait: then somebody who does not answer must go.</summary>
    private void Arm()
    {
        if (_isArmed || _isDisposed)
            return;
        _isArmed = true;
        _timer ??= time.CreateTimer(
            static state => ((SyncAdmission)state!).OnTimer(),
            this,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
        var left = _inside.Values.Min() - time.GetElapsedTime(_start);
        var soonest = TimeSpan.FromMilliseconds(1);
        _timer.Change(left > soonest ? left : soonest, Timeout.InfiniteTimeSpan);
    }

    private void OnTimer()
    {
        lock (_lock)
        {
            _isArmed = false;
            var now = time.GetElapsedTime(_start);
            foreach (var (stream, until) in _inside)
            {
                if (until <= now)
                    _inside.Remove(stream);
            }

            LetNextIn();
            if (_waiting.Count > 0)
                Arm();
        }
    }
}
