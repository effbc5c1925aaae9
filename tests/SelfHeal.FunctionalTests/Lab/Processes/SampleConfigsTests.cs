using SelfHeal.Lab.Processes;

namespace SelfHeal.FunctionalTests.Lab.Processes;

[TestFixture]
public sealed class SampleConfigsTests
{
    private static readonly LabPorts Ports = new(1001, 1002, 1003, 1004, 1005, 1006) { Istiod = 1007 };

    [Test]
    public void Write_Samples_HaveTheBootstrapTheResourcesAndNoPortOfTheSamples()
    {
        var directory = Directory.CreateTempSubdirectory("selfheal-samples-").FullName;
        try
        {
            var written = SampleConfigs.Write(directory, Ports, TimeSpan.FromSeconds(1));
            var text = string.Concat(written.Select(file => File.ReadAllText(Path.Combine(directory, file))));

            Assert.That(written, Does.Contain(SampleConfigs.Bootstrap));
            Assert.That(written, Has.Some.StartsWith(SampleConfigs.Resources + "/"));
            Assert.That(text, Does.Contain("stats_flush_interval: 1s"));
            foreach (var port in (int[])[1001, 1002, 1003, 1004, 1005, 1007])
                Assert.That(text, Does.Contain($"port_value: {port}"));
            Assert.That(text, Does.Not.Match(@"port_value: \d{5}|port_value: 9901"));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Test]
    public void Render_SamplePorts_AreReplacedAndOthersStay()
    {
        const string Yaml = "a: { port_value: 10080 }\nb:\n  port_value: 18082\nc: { port_value: 443 }\n";

        Assert.That(
            SampleConfigs.Render(Yaml, Ports, TimeSpan.FromSeconds(5)),
            Is.EqualTo("a: { port_value: 1001 }\nb:\n  port_value: 1003\nc: { port_value: 443 }\n"));
    }

    [TestCase("stats_flush_interval: 5s\nnext: 1", "stats_flush_interval: 0.25s\nnext: 1")]
    [TestCase("{ stats_flush_interval: 5s, next: 1 }", "{ stats_flush_interval: 0.25s, next: 1 }")]
    public void Render_FlushInterval_IsReplaced(string yaml, string expected) =>
        Assert.That(SampleConfigs.Render(yaml, Ports, TimeSpan.FromMilliseconds(250)), Is.EqualTo(expected));
}
