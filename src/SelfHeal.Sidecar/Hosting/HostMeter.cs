using System.Diagnostics.Metrics;
using SelfHeal.Sidecar.Metrics;

namespace SelfHeal.Sidecar.Hosting;

/// <summary>What the process says about itself in <c>/metrics</c>.</summary>
internal sealed class HostMeter
{
    /// <summary>Registers the instruments; they live as long as the host.</summary>
    /// <param name="meters">The host's factory.</param>
    /// <param name="time">The clock.</param>
    /// <param name="registry">Asked for so that it listens before the first measurement anywhere.</param>
    public HostMeter(IMeterFactory meters, TimeProvider time, MetricsRegistry registry)
    {
        ArgumentNullException.ThrowIfNull(meters);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(registry);
        var meter = meters.Create("SelfHeal.Sidecar");
        meter.CreateGauge<int>("selfheal.build.info", null, "Always 1; the label says which version runs.")
            .Record(1, new KeyValuePair<string, object?>("version", SelfHealVersion.Current));
        meter.CreateGauge<double>("selfheal.process.start.time", "s", "When the process started, in Unix time.")
            .Record(time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0);
        meter.CreateObservableGauge(
            "selfheal.process.resident.memory", () => Environment.WorkingSet, "By", "Resident memory.");
        meter.CreateObservableCounter(
            "selfheal.process.cpu", () => Environment.CpuUsage.TotalTime.TotalSeconds, "s", "Processor time used.");
    }
}
