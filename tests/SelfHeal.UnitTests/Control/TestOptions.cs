using System.Collections.Immutable;
using SelfHeal.Core.Contracts;
using SelfHeal.Core.Control;
using SelfHeal.Core.Detection;
using SelfHeal.Core.Rings;
using SelfHeal.Core.Series;

namespace SelfHeal.UnitTests.Control;

/// <summary>Options under which the loop may act, with contracts short enough for tests.</summary>
internal static class TestOptions
{
    public static ControlLoopOptions Default(TimeSpan flush) => new()
    {
        Instance = "test",
        SoftwareVersion = "0.0.0-test",
        Policy = new RemediationPolicy
        {
            Version = "1",
            Hash = "00",
            ApprovedBy = ["platform"],
            ServiceRings = ImmutableDictionary<string, int>.Empty.Add("payments", 1),
            Contract = new ContractPolicy
            {
                Window = TimeSpan.FromSeconds(30),
                Deadline = TimeSpan.FromMinutes(2),
                BadRatioPpm = 50_000,
            },
        },
        Telemetry = new TelemetryOptions { FlushInterval = flush },
        Detection = new DetectionOptions { FlushInterval = flush },
    };
}
