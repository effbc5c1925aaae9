using SelfHeal.Core.Control;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Recording;

namespace SelfHeal.UnitTests.Recording;

[TestFixture]
internal sealed class PolicyTrialTests
{
    [Test]
    public void Apply_OfAnotherPolicy_LeavesWhatBelongsToTheGateway()
    {
        var recorded = (ControlLoopOptions)Samples.Of(typeof(ControlLoopOptions));
        var other = new SelfHealOptions { Policy = new PolicyOptions { Version = "stricter" } };

        var tried = PolicyTrial.Apply(recorded, other);

        Assert.That(tried.Policy.Version, Is.EqualTo("stricter"));
        Assert.That(tried.Policy.AcknowledgeTimeout, Is.EqualTo(recorded.Policy.AcknowledgeTimeout));
        Assert.That(tried.Instance, Is.EqualTo($"{recorded.Instance} what-if"));
        Assert.That(tried.Telemetry.FlushInterval, Is.EqualTo(other.Detection.FlushInterval));
        recorded.Telemetry.FlushInterval = tried.Telemetry.FlushInterval;
        Assert.That(Samples.Leaves(tried.Telemetry), Is.EqualTo(Samples.Leaves(recorded.Telemetry)),
            "a new property needs its line in PolicyTrial");
        foreach (var property in Samples.Properties(typeof(ControlLoopOptions)).Where(static p => p.Name is not (
            nameof(ControlLoopOptions.Instance) or nameof(ControlLoopOptions.SoftwareVersion)
            or nameof(ControlLoopOptions.Policy) or nameof(ControlLoopOptions.Detection)
            or nameof(ControlLoopOptions.Telemetry))))
        {
            Assert.That(
                Samples.Leaves(property.GetValue(tried)), Is.EqualTo(Samples.Leaves(property.GetValue(recorded))),
                $"{property.Name} is the gateway's and needs its line in PolicyTrial");
        }
    }
}
