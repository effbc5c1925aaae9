using System.Diagnostics.CodeAnalysis;
using SelfHeal.Core.Control;

namespace SelfHeal.Sidecar.Judgement;

/// <summary>
/// Events that may be lost on the way to the control thread, bounded by what they weigh and not by their number alone:
/// a load report of a large proxy has thousands of rows. When it is full, the oldest go.
/// </summary>
/// <param name="weightMax">Rows that may wait. One event alone may weigh more.</param>
internal sealed class TelemetryQueue(long weightMax)
{
    private readonly Lock _lock = new();
    private readonly Queue<(ControlEvent Happened, int Weight)> _waiting = new();
    private long _weight;

    /// <summary>Takes an event in.</summary>
    /// <param name="happened">What happened.</param>
    /// <param name="weight">Its rows; at least 1.</param>
    /// <returns>How many older events were dropped for it.</returns>
    public int Add(ControlEvent happened, int weight)
    {
        lock (_lock)
        {
            var dropped = 0;
            while (_waiting.Count > 0 && _weight + weight > weightMax)
            {
                _weight -= _waiting.Dequeue().Weight;
                dropped++;
            }

            _waiting.Enqueue((happened, weight));
            _weight += weight;
            return dropped;
        }
    }

    /// <summary>Takes the oldest event out.</summary>
    /// <param name="happened">The event.</param>
    /// <returns>False when there is none.</returns>
    public bool TryTake([NotNullWhen(true)] out ControlEvent? happened)
    {
        lock (_lock)
        {
            var isThere = _waiting.TryDequeue(out var oldest);
            happened = oldest.Happened;
            _weight -= oldest.Weight;
            return isThere;
        }
    }

    /// <summary>Drops everything.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _waiting.Clear();
            _weight = 0;
        }
    }
}
