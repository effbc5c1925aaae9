namespace SelfHeal.Core.Loads;

/// <summary>What the load table counted since it started; every one is shown, none decides anything.</summary>
public sealed class LoadCounters
{
    /// <summary>Reports taken.</summary>
    public long Reports { get; internal set; }

    /// <summary>Reports that were posted but never came: the queue dropped them.</summary>
    public long LostReports { get; internal set; }

    /// <summary>Reports of a stream that is not open here.</summary>
    public long StrayReports { get; internal set; }

    /// <summary>Streams beyond the limit.</summary>
    public long RefusedStreams { get; internal set; }

    /// <summary>Rows of cluster reports left out because the table was full.</summary>
    public long OverflowedRows { get; internal set; }

    /// <summary>Clusters that came twice in one report; the first counts.</summary>
    public long RepeatedClusters { get; internal set; }
}
