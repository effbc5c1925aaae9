using System.Net;
using SelfHeal.Core.Time;
using SelfHeal.Lab.Scenarios;
using SelfHeal.Lab.Upstream;

namespace SelfHeal.FunctionalTests.Lab.Scenarios;

[TestFixture]
[CancelAfter(60_000)]
public sealed class FaultInjectionTests
{
    private UpstreamServer _stable = null!; // Set up before each test.
    private UpstreamServer _canary = null!; // Set up before each test.

    [SetUp]
    public async Task SetUpAsync()
    {
        _stable = new UpstreamServer("v1", 0, new SeededRandomSource(1), TimeProvider.System);
        _canary = new UpstreamServer("v2", 0, new SeededRandomSource(2), TimeProvider.System);
        await _stable.StartAsync(CancellationToken.None);
        await _canary.StartAsync(CancellationToken.None);
    }

    [TearDown]
    public async Task TearDownAsync()
    {
        await _stable.DisposeAsync();
        await _canary.DisposeAsync();
    }

    [Test]
    public async Task Begin_BadCanary_BreaksTheCanaryOnly()
    {
        await using var injection = Injection(ScenarioCatalog.BadCanary);
        injection.Begin();

        Assert.That(_canary.Faults.Plan.FailPerMille, Is.EqualTo(300));
        Assert.That(_stable.Faults.Plan, Is.EqualTo(FaultPlan.Healthy));
    }

    [Test]
    public async Task Begin_InnocentCanary_BreaksBoth()
    {
        await using var injection = Injection(ScenarioCatalog.InnocentCanary);
        injection.Begin();

        Assert.That(_canary.Faults.Plan, Is.EqualTo(_stable.Faults.Plan));
        Assert.That(_stable.Faults.Plan.FailPerMille, Is.EqualTo(300));
    }

    [Test]
    public async Task Begin_WrongGuess_FailuresMoveWithTheTrafficAndBack(CancellationToken cancellationToken)
    {
        await using var injection = Injection(ScenarioCatalog.WrongGuess);
        using var client = new HttpClient();
        await SendAsync(client, cancellationToken);
        injection.Begin();
        Assert.That(_canary.Faults.Plan.FailPerMille, Is.EqualTo(300));

        await Eventually.HoldsAsync(() => _stable.Faults.Plan.FailPerMille == 300, "the job moves");
        Assert.That(_canary.Faults.Plan, Is.EqualTo(FaultPlan.Healthy));

        await SendAsync(client, cancellationToken);
        await Eventually.HoldsAsync(() => _canary.Faults.Plan.FailPerMille == 300, "the job moves back");
    }

    [Test]
    public async Task Dispose_AfterBegin_HealsBoth()
    {
        var injection = Injection(ScenarioCatalog.InnocentCanary);
        injection.Begin();
        await injection.DisposeAsync();

        Assert.That(_stable.Faults.Plan, Is.EqualTo(FaultPlan.Healthy));
        Assert.That(_canary.Faults.Plan, Is.EqualTo(FaultPlan.Healthy));
    }

    private FaultInjection Injection(Scenario scenario) => new(scenario, _stable, _canary, TimeProvider.System);

    private async Task SendAsync(HttpClient client, CancellationToken cancellationToken)
    {
        using var response = await client.GetAsync(_canary.Address, cancellationToken);
        Assert.That(response.StatusCode, Is.AnyOf(HttpStatusCode.OK, HttpStatusCode.InternalServerError));
    }
}
