using SelfHeal.Core.Control;
using SelfHeal.Core.Series;
using SelfHeal.Core.Time;

namespace SelfHeal.Core.Recording;

/// <summary>One step as it was recorded; filled anew by each read.</summary>
public sealed class RecordedStep
{
    /// <summary>The time of the step.</summary>
    public ControlTime Now { get; internal set; }

    /// <summary>What the loop was told, in order. Batches belong to the pool of the reader and go back to it after
    /// the step.</summary>
    public List<ControlEvent> Events { get; } = [];

    /// <summary>What the loop asked for, as far as it is compared.</summary>
    public List<RecordedEffect> Effects { get; } = [];

    /// <summary>Names of events that the recorder could not write.</summary>
    public List<string> Unrecorded { get; } = [];

    /// <summary>Batches that refer to series whose names are lost; they are not among the events.</summary>
    public int NamelessBatches { get; internal set; }

    /// <summary>Gives the batches back and empties the step.</summary>
    /// <param name="pool">Where they came from.</param>
    public void Clear(FlushBatchPool pool)
    {
        // Hot path: allocation-free.
        ArgumentNullException.ThrowIfNull(pool);
        for (var i = 0; i < Events.Count; i++)
        {
            if (Events[i] is ControlEvent.StatsReceived received)
                pool.Return(received.Batch);
        }

        Events.Clear();
        Effects.Clear();
        Unrecorded.Clear();
        NamelessBatches = 0;
    }
}
