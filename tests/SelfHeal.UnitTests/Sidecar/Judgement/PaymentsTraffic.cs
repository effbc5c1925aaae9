using SelfHeal.Core.Series;
using SelfHeal.UnitTests.Control;

namespace SelfHeal.UnitTests.Sidecar.Judgement;

/// <summary>Stats of the sample gateway's two versions, posted as the stats service would.</summary>
internal sealed class PaymentsTraffic
{
    private const int Requests = 1_000;
    private readonly ShellHarness _shell;
    private readonly SeriesCatalog _catalog = new();
    private readonly Dictionary<SeriesKey, (int Index, long Value)> _series = [];
    private long _sequence;

    public PaymentsTraffic(ShellHarness shell)
    {
        _shell = shell;
        shell.Inbox.StreamOpened(1, "envoy-1", "edge", shell.Clock.Now);
    }

    /// <summary>Share of the canary's responses that fail, in percent.</summary>
    public int CanaryFailsPercent { get; set; }

    /// <summary>One flush interval of traffic, folded by the control loop.</summary>
    public async Task FlushAsync()
    {
        _shell.Time.Advance(ShellHarness.Flush - TimeSpan.FromMilliseconds(300));
        Add(GatewayModel.Stable, Requests * 9 / 10, 0);
        Add(GatewayModel.Canary, Requests / 10, Requests / 10 * CanaryFailsPercent / 100);
        var batch = new FlushBatch();
        foreach (var (index, value) in _series.Values)
            batch.Add(index, value);
        var now = _shell.Clock.Now;
        batch.Seal(1, _sequence++, 0, now.Wall.ToUnixTimeMilliseconds(), now, _catalog);
        _shell.Inbox.Post(batch);
        for (var i = 0; i < 3; i++)
        {
            await _shell.StepAsync();
            _shell.Time.Advance(TimeSpan.FromMilliseconds(100));
        }
    }

    private void Add(string cluster, int requests, int failures)
    {
        Add(new SeriesKey(StatScope.Cluster, cluster, Stat.UpstreamRqTotal), requests);
        Add(new SeriesKey(StatScope.Cluster, cluster, Stat.UpstreamRqCompleted), requests);
        if (failures > 0)
            Add(new SeriesKey(StatScope.Cluster, cluster, Stat.UpstreamRq5xx), failures);
        Add(new SeriesKey(StatScope.Cluster, cluster, Stat.MembershipTotal), 0, 3);
        Add(new SeriesKey(StatScope.Server, "", Stat.Uptime), 2);
    }

    private void Add(SeriesKey key, long delta, long initial = 0)
    {
        if (!_series.TryGetValue(key, out var series))
            series = (_catalog.Append(new SeriesEntry($"{key.Name}.{key.Stat}", key, false)), initial);
        _series[key] = (series.Index, series.Value + delta);
    }
}
