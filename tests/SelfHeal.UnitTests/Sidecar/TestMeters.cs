using System.Diagnostics.Metrics;

namespace SelfHeal.UnitTests.Sidecar;

/// <summary>Meters of one test, and what was counted on them.</summary>
internal sealed class TestMeters : IMeterFactory
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _sums = new(StringComparer.Ordinal);
    private readonly List<Meter> _made = [];
    private readonly MeterListener _listener = new();

    public TestMeters()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, this))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => Add(instrument.Name, value));
        _listener.Start();
    }

    public Meter Create(MeterOptions options)
    {
        options.Scope = this;
        var meter = new Meter(options);
        _made.Add(meter);
        return meter;
    }

    /// <summary>The sum of a counter over all its tags.</summary>
    public long Sum(string instrument)
    {
        lock (_lock)
            return _sums.GetValueOrDefault(instrument);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _made.ForEach(static meter => meter.Dispose());
    }

    private void Add(string instrument, long value)
    {
        lock (_lock)
            _sums[instrument] = _sums.GetValueOrDefault(instrument) + value;
    }
}
