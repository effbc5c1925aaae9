using System.Diagnostics.Metrics;

namespace SelfHeal.UnitTests.Sidecar.Metrics;

/// <summary>Makes meters that only a registry of the same factory listens to.</summary>
internal sealed class TestMeterFactory : IMeterFactory
{
    private readonly List<Meter> _made = [];

    public Meter Create(MeterOptions options)
    {
        options.Scope = this;
        var meter = new Meter(options);
        _made.Add(meter);
        return meter;
    }

    public void Dispose() => _made.ForEach(meter => meter.Dispose());
}
