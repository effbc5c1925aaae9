using SelfHeal.Lab.Processes;
using SelfHeal.Sidecar.Demo;

namespace SelfHeal.UnitTests.Sidecar.Demo;

internal sealed class DemoOptionsTests
{
    [Test]
    public void Errors_Defaults_AreNone() => Assert.That(new DemoOptions().Errors(), Is.Empty);

    [Test]
    public void Errors_EverythingWrong_NamesEachWithItsRange()
    {
        var options = new DemoOptions
        {
            Flush = TimeSpan.FromMilliseconds(1),
            Runs = 0,
            ContractWindow = TimeSpan.FromHours(1),
        };

        Assert.That(options.Errors(), Has.Count.EqualTo(3));
        Assert.That(options.Errors(), Has.Some.Contains("--runs is 0; expected 1 to 100"));
    }

    [Test]
    public void Config_Rendered_HasPortsPathsAndDurations()
    {
        var text = DemoConfig.Render(
            new DemoOptions { Flush = TimeSpan.FromMilliseconds(1500) },
            new LabPorts(1, 2, 3, 4, 5, 6),
            "/some where/resources",
            "/state");

        Assert.That(text, Does.Contain("xds:\n  listen: 127.0.0.1:4\n  resources: \"/some where/resources\"\n"));
        Assert.That(text, Does.Contain("admin:\n  listen: 127.0.0.1:6\n"));
        Assert.That(text, Does.Contain("flush_interval: 1500ms").And.Contain("window: 30000ms"));
    }
}
