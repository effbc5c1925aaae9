using System.Diagnostics.Metrics;

namespace SelfHeal.Grpc;

/// <summary>
/// Instruments of the meter <c>SelfHeal.Grpc</c>. Tags are method paths and status names only: both sets are closed
/// (an unknown method is counted as <c>unknown</c>), so a client cannot make series.
/// </summary>
internal sealed class GrpcMetrics
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "SelfHeal.Grpc";

    private static readonly string[] CodeNames = Enum.GetNames<GrpcStatusCode>();

    private readonly Counter<long> _started;
    private readonly Counter<long> _ended;
    private readonly Counter<long> _received;
    private readonly Counter<long> _sent;
    private readonly Counter<long> _rejected;

    public GrpcMetrics(IMeterFactory? meterFactory)
    {
        // Without a factory the meter lives as long as the process; its instruments are then shared by name.
        var meter = meterFactory?.Create(MeterName) ?? new Meter(MeterName);
        _started = meter.CreateCounter<long>("selfheal.grpc.server.calls.started", "{call}", "Calls begun.");
        _ended = meter.CreateCounter<long>("selfheal.grpc.server.calls.ended", "{call}", "Calls ended, by status.");
        _received = meter.CreateCounter<long>("selfheal.grpc.server.messages.received", "{message}", "Messages read.");
        _sent = meter.CreateCounter<long>("selfheal.grpc.server.messages.sent", "{message}", "Messages written.");
        _rejected = meter.CreateCounter<long>(
            "selfheal.grpc.server.messages.rejected", "{message}", "Messages refused, by status.");
    }

    public void CallStarted(string method) => _started.Add(1, Tag("method", method));

    public void CallEnded(string method, GrpcStatusCode code) =>
        _ended.Add(1, Tag("method", method), Tag("status", NameOf(code)));

    public void Received(string method, long count) => _received.Add(count, Tag("method", method));

    public void Sent(string method) => _sent.Add(1, Tag("method", method));

    public void Rejected(string method, GrpcStatusCode code) =>
        _rejected.Add(1, Tag("method", method), Tag("status", NameOf(code)));

    private static KeyValuePair<string, object?> Tag(string key, string value) => new(key, value);

    // A handler may make up a code; it is counted as UNKNOWN, which is what clients make of it.
    private static string NameOf(GrpcStatusCode code) =>
        (uint)code < (uint)CodeNames.Length ? CodeNames[(int)code] : nameof(GrpcStatusCode.Unknown);
}
