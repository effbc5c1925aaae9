using System.Diagnostics.Metrics;
using SelfHeal.Xds.Sessions;

namespace SelfHeal.Sidecar.Xds;

/// <summary>What is measured of xDS streams, by type and variant. Both sets of labels are closed.</summary>
internal sealed class XdsMeter
{
    private readonly Counter<long> _sent;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _acknowledged;
    private readonly Counter<long> _rejected;
    private readonly Counter<long> _stale;
    private readonly Counter<long> _fallbacks;
    private readonly Counter<long> _isolated;
    private readonly Counter<long> _expired;
    private readonly Histogram<double> _latency;

    /// <summary>Registers the instruments.</summary>
    /// <param name="meters">The host's factory.</param>
    /// <param name="observe">Counts the open streams; called at a scrape.</param>
    public XdsMeter(IMeterFactory meters, Func<XdsTally> observe)
    {
        ArgumentNullException.ThrowIfNull(meters);
        ArgumentNullException.ThrowIfNull(observe);
        var meter = meters.Create("SelfHeal.Xds");
        _sent = meter.CreateCounter<long>("selfheal.xds.responses", description: "xDS responses sent");
        _bytes = meter.CreateCounter<long>("selfheal.xds.response.bytes", "By", "Bytes of xDS responses sent");
        _acknowledged = meter.CreateCounter<long>("selfheal.xds.acks", description: "xDS responses that were accepted");
        _rejected = meter.CreateCounter<long>("selfheal.xds.nacks", description: "xDS responses that were rejected");
        _stale = meter.CreateCounter<long>(
            "selfheal.xds.stale.requests", description: "Requests that answer an older response than the latest");
        _fallbacks = meter.CreateCounter<long>(
            "selfheal.xds.fallbacks", description: "Responses that carry what was accepted last, after a NACK");
        _isolated = meter.CreateCounter<long>(
            "selfheal.xds.isolated", description: "Contents that were found to be the reason of a NACK");
        _expired = meter.CreateCounter<long>(
            "selfheal.xds.waits.expired", description: "Answers that did not come in time, so that others went ahead");
        _latency = meter.CreateHistogram<double>(
            "selfheal.xds.ack.latency", "s", "From the sending of a response to its ACK");
        meter.CreateObservableGauge("selfheal.xds.streams", () => observe().Streams, description: "Open xDS streams");
        meter.CreateObservableGauge(
            "selfheal.xds.subscriptions",
            () => observe().Subscriptions.Select(static s => new Measurement<int>(
                s.Value, new("type", s.Key.Type), new("variant", s.Key.Variant))),
            description: "Open xDS streams that ask for a type");
        meter.CreateObservableGauge(
            "selfheal.xds.subscribed.resources",
            () => observe().Resources.Select(static r => new Measurement<long>(
                r.Value, new KeyValuePair<string, object?>("type", r.Key))),
            description: "Resources that open streams hold or ask for by name, over all streams");
        meter.CreateObservableGauge(
            "selfheal.xds.proxies.out_of_sync",
            () => observe().OutOfSync,
            description: "Proxies that have not accepted all that they were sent");
    }

    /// <summary>A response has been encoded.</summary>
    /// <param name="typeUrl">Its type.</param>
    /// <param name="bytes">Its length.</param>
    public void Encoded(string typeUrl, long bytes) => _bytes.Add(bytes, Tag(typeUrl));

    /// <summary>Something happened on a stream.</summary>
    /// <param name="happened">What.</param>
    /// <param name="sinceSent">How long ago the response was sent that is answered by it.</param>
    public void On(SessionEvent happened, TimeSpan sinceSent)
    {
        switch (happened)
        {
            case SessionEvent.Sent sent:
                _sent.Add(1, Tag(sent.TypeUrl));
                break;
            case SessionEvent.Acknowledged acknowledged:
                _acknowledged.Add(1, Tag(acknowledged.TypeUrl));
                _latency.Record(sinceSent.TotalSeconds, Tag(acknowledged.TypeUrl));
                break;
            case SessionEvent.Rejected rejected:
                _rejected.Add(1, Tag(rejected.TypeUrl));
                break;
            case SessionEvent.Stale stale:
                _stale.Add(1, Tag(stale.TypeUrl));
                break;
            case SessionEvent.FellBack fellBack:
                _fallbacks.Add(1, Tag(fellBack.TypeUrl));
                break;
            case SessionEvent.Isolated isolated:
                _isolated.Add(1, Tag(isolated.TypeUrl));
                break;
            case SessionEvent.WaitExpired expired:
                _expired.Add(1, Tag(expired.TypeUrl));
                break;
        }
    }

    private static KeyValuePair<string, object?> Tag(string typeUrl) => new("type", TypeLabel.Of(typeUrl));
}
