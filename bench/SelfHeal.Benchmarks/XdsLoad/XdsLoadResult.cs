namespace SelfHeal.Benchmarks.XdsLoad;

/// <summary>What a process of load clients saw.</summary>
/// <param name="SyncMillis">From the first connect until the last stream had everything.</param>
/// <param name="Pushes">Those that count, in order.</param>
/// <param name="Reconnects">Streams that were opened anew and synchronized again.</param>
/// <param name="ResyncP99Millis">From such a connect until that stream had everything; 0 without reconnects.</param>
/// <param name="StalledBytes">What the stalled clients have lying unread in their sockets.</param>
internal sealed record XdsLoadResult(
    double SyncMillis, IReadOnlyList<XdsPush> Pushes, long Reconnects, double ResyncP99Millis, long StalledBytes);

/// <summary>One change, seen from the streams. Times count from the instant that the server says it changed.</summary>
/// <param name="FirstMillis">Until the first stream had the response.</param>
/// <param name="MedianMillis">Until half of them had it.</param>
/// <param name="P99Millis">Until 99 % of them had it.</param>
/// <param name="LastMillis">Until all had it.</param>
/// <param name="ClientBusyMillis">Processor time of the clients from the trigger to the last response.</param>
/// <param name="BumpMillis">Of the time, what the server spent on making and publishing the change; 0 unknown.</param>
internal sealed record XdsPush(
    double FirstMillis,
    double MedianMillis,
    double P99Millis,
    double LastMillis,
    double ClientBusyMillis,
    double BumpMillis);
