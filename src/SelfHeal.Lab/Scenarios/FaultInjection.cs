using SelfHeal.Lab.Upstream;

namespace SelfHeal.Lab.Scenarios;

/// <summary>Breaks the upstreams as a scenario says, from <see cref="Begin"/> on.</summary>
public sealed class FaultInjection : IAsyncDisposable
{
    /// <summary>
    /// A version without a request for so long takes no traffic. The canary has about 20 requests a second, so a gap of
    /// half a second is as good as impossible while it has its weight.
    /// </summary>
    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    private readonly Scenario _scenario;
    private readonly UpstreamServer _stable;
    private readonly UpstreamServer _canary;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private Task _run = Task.CompletedTask;

    /// <summary>Prepares it; nothing breaks yet.</summary>
    /// <param name="scenario">What breaks.</param>
    /// <param name="stable">The stable version.</param>
    /// <param name="canary">The canary.</param>
    /// <param name="time">The clock of faults that move.</param>
    public FaultInjection(Scenario scenario, UpstreamServer stable, UpstreamServer canary, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        ArgumentNullException.ThrowIfNull(stable);
        ArgumentNullException.ThrowIfNull(canary);
        ArgumentNullException.ThrowIfNull(time);
        _scenario = scenario;
        _stable = stable;
        _canary = canary;
        _time = time;
    }

    /// <summary>Breaks what the scenario breaks.</summary>
    /// <returns>The moment of the onset.</returns>
    public DateTimeOffset Begin()
    {
        var failing = FaultPlan.Failing(_scenario.FailPerMille);
        var onset = _time.GetUtcNow();
        _canary.Faults.Set(failing);
        switch (_scenario.Fault)
        {
            case ScenarioFault.CanaryRegression:
                break;
            case ScenarioFault.SharedDependency:
                _stable.Faults.Set(failing);
                break;
            case ScenarioFault.PoisonedBatch:
                _run = FollowTrafficAsync(failing);
                break;
            default:
                throw new InvalidOperationException($"no such fault: {_scenario.Fault}");
        }

        return onset;
    }

    /// <summary>Everything is healthy again.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run;
        _stable.Faults.Set(FaultPlan.Healthy);
        _canary.Faults.Set(FaultPlan.Healthy);
        _stop.Dispose();
    }

    /// <summary>Runs until it is stopped: the batch is where the newest version with traffic is.</summary>
    private async Task FollowTrafficAsync(FaultPlan failing)
    {
        using var timer = new PeriodicTimer(Look, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                var canaryTakesTraffic = _canary.Requests.CountAfter(_time.GetUtcNow() - Idle) > 0;
                _canary.Faults.Set(canaryTakesTraffic ? failing : FaultPlan.Healthy);
                _stable.Faults.Set(canaryTakesTraffic ? FaultPlan.Healthy : failing);
            }
        }
        catch (OperationCanceledException)
        {
            // The scenario is over.
        }
    }
}
