using SelfHeal.Core.Control;
using SelfHeal.Sidecar.Composition;
using SelfHeal.Sidecar.Config.Loading;
using SelfHeal.Sidecar.Judgement;

namespace SelfHeal.UnitTests.Sidecar.Composition;

internal sealed class CoreOptionsTests
{
    private const string Smallest = "xds: {resources: .}\n";

    [Test]
    public void Of_Contract_ReachesCore()
    {
        var contract = Of(Smallest + "policy: {contract: {shape: 2.5, correlation_time: 30s, p_bad: 0.05}}")
            .Policy.Contract;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(contract.ShapeMicros, Is.EqualTo(2_500_000));
            Assert.That(contract.CorrelationTime, Is.EqualTo(TimeSpan.FromSeconds(30)));
            Assert.That(contract.BadRatioPpm, Is.EqualTo(50_000));
        }
    }

    [Test]
    public void Of_Defaults_AreThoseOfCore()
    {
        var contract = Of(Smallest).Policy.Contract;

        Assert.That(contract, Is.EqualTo(new SelfHeal.Core.Contracts.ContractPolicy()));
    }

    [Test]
    public void Of_MoreSeries_MakesRoomForTheirSamples() =>
        Assert.That(
            Of(Smallest + "detection: {max_series_per_stream: 1000000}").Telemetry.FlushSampleLimit,
            Is.EqualTo(2_000_000));

    [TestCase("policy: {bars: {ring1: 0.70}, version: a}", "policy:\n  version: 'a'\n  bars:\n    ring1: 0.7")]
    [TestCase("policy: {contract: {window: 10m}}", "policy: {contract: {window: 600s}}")]
    [TestCase("policy: {services: {b: {ring: 1}, a: {}}}", "policy: {services: {a: {}, b: {ring: 1}}}")]
    [TestCase("detection: {effect_ratio: 3.0}", "logging: {level: debug}")]
    public void PolicyHash_SameMeaning_IsTheSame(string one, string other) =>
        Assert.That(HashOf(one), Is.EqualTo(HashOf(other)));

    [TestCase("policy: {contract: {shape: 2}}")]
    [TestCase("policy: {services: {a: {ring: 1}}}")]
    [TestCase("policy: {services: {a: {}}}")]
    [TestCase("policy: {approved_by: [alice]}")]
    [TestCase("policy: {contract: {criteria: {max_5xx_per_second: 0}}}")]
    [TestCase("policy: {freeze: true}")]
    [TestCase("detection: {effect_ratio: 4}")]
    public void PolicyHash_OtherMeaning_Differs(string text) => Assert.That(HashOf(text), Is.Not.EqualTo(HashOf("")));

    private static string HashOf(string text) => Of(Smallest + text).Policy.Hash;

    private static ControlLoopOptions Of(string text)
    {
        var result = ConfigLoader.Parse("selfheal.yaml", text, TestContext.CurrentContext.WorkDirectory);
        Assert.That(result, Is.TypeOf<ConfigResult.Valid>());
        return CoreOptions.Of(((ConfigResult.Valid)result).Options, new ProcessIdentity("test"));
    }
}
