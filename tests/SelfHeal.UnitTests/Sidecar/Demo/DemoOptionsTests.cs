using SelfHeal.Lab.Mesh;
using SelfHeal.Lab.Processes;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Config.Loading;
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
    public void Errors_ModelBehindIstiod_IsRefused()
    {
        var options = new DemoOptions { Mode = DemoMode.Istio, Model = true };

        Assert.That(options.Errors(), Has.One.Contains("--model does not go with --mode istio"));
    }

    [TestCase("127.0.0.1:15014", true)]
    [TestCase(null, false)]
    public void Config_OfAMesh_IsAcceptedAsDelegateMode(string? metrics, bool hasMetrics)
    {
        var text = DemoConfig.Render(
            new DemoOptions { Mode = DemoMode.Istio },
            new LabPorts(1, 2, 3, 4, 5, 6),
            DemoConfig.FromMesh(new MeshAddresses("127.0.0.1", 15010, metrics, "kubectl")),
            "/state");

        var result = ConfigLoader.Parse("selfheal.yaml", text, TestContext.CurrentContext.WorkDirectory);
        var options = ((ConfigResult.Valid)result).Options;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(options.Mode, Is.EqualTo(OperatingMode.Delegate));
            Assert.That(options.Upstream.Addresses, Is.EqualTo(new[] { "http://127.0.0.1:15010" }));
            Assert.That(options.Upstream.Metrics is not null, Is.EqualTo(hasMetrics));
            Assert.That(options.Xds.Listen.ToString(), Is.EqualTo("127.0.0.1:4"));
        }
    }

    [Test]
    public void Config_Rendered_HasPortsPathsAndDurations()
    {
        var text = DemoConfig.Render(
            new DemoOptions { Flush = TimeSpan.FromMilliseconds(1500) },
            new LabPorts(1, 2, 3, 4, 5, 6),
            DemoConfig.FromFiles("/some where/resources"),
            "/state");

        Assert.That(text, Does.Contain("xds:\n  resources: \"/some where/resources\"\n  listen: 127.0.0.1:4\n"));
        Assert.That(text, Does.Contain("admin:\n  listen: 127.0.0.1:6\n"));
        Assert.That(text, Does.Contain("flush_interval: 1500ms").And.Contain("window: 30000ms"));
    }
}
