using SelfHeal.Core.Loads;
using SelfHeal.Core.Time;

namespace SelfHeal.UnitTests.Loads;

/// <summary>A load table on simulated time, told what Envoys would report.</summary>
internal sealed class LoadScenario
{
    public const string Cluster = "payments";
    public const string Endpoint = "10.0.0.1:80";
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    public static readonly LocalityName Here = new("r", "here", "");
    public static readonly LocalityName There = new("r", "there", "");
    private readonly Dictionary<long, long> _sequences = [];

    public LoadScenario(LoadTableOptions? options = null)
    {
        Options = options ?? new LoadTableOptions();
        Table = new LoadTable(Options, Now);
        Pass(Options.DepartureGrace);
    }

    public LoadTableOptions Options { get; }

    public LoadTable Table { get; }

    public ControlTime Now { get; private set; } = new(0, DateTimeOffset.UnixEpoch);

    public static ClusterLoad Of(string cluster, params LocalityLoad[] localities) =>
        new(cluster, Interval, 0, [], [.. localities]);

    public static LocalityLoad At(
        LocalityName locality, params (string Address, long Issued, long InProgress)[] loads) =>
        new(
            locality,
            0,
            new LoadCounts(loads.Sum(static l => l.Issued), loads.Sum(static l => l.InProgress), 0, 0),
            [.. loads.Select(static l => new EndpointLoad(l.Address, new LoadCounts(l.Issued, l.InProgress, 0, 0)))]);

    public void Pass(TimeSpan time) => Now = Now.Plus(time);

    public void Open(long stream, string node, LoadAbsence absence = LoadAbsence.NothingUnderWay) =>
        Table.OnStreamOpened(stream, node, absence, Now);

    public void Close(long stream) => Table.OnStreamClosed(stream, Now);

    /// <summary>A period passes and the stream reports it.</summary>
    public void Report(long stream, params ClusterLoad[] clusters)
    {
        Pass(Interval);
        ReportNow(stream, clusters);
    }

    /// <summary>The stream reports without time passing.</summary>
    public void ReportNow(long stream, params ClusterLoad[] clusters)
    {
        var sequence = _sequences[stream] = _sequences.GetValueOrDefault(stream) + 1;
        Table.OnReport(new LoadReport(stream, sequence, [.. clusters]), Now);
    }

    /// <summary>A report is lost on its way to the table.</summary>
    public void Lose(long stream)
    {
        Pass(Interval);
        _sequences[stream] = _sequences.GetValueOrDefault(stream) + 1;
    }

    public DrainEvidence Ask(string endpoint = Endpoint, ControlTime? since = null, bool isAssigned = true) =>
        Table.Ask(new DrainQuestion(Cluster, endpoint, isAssigned, since, Interval * 2), Now);

    public ProxyDrainState StateOf(string node) => Ask().Proxies.Single(p => p.Node == node).State;
}
