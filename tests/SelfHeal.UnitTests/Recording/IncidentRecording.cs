using SelfHeal.Core.Control;
using SelfHeal.Core.Recording;
using SelfHeal.Core.Records;
using SelfHeal.Core.Time;
using SelfHeal.Sidecar.Recording;
using SelfHeal.UnitTests.Control;

namespace SelfHeal.UnitTests.Recording;

/// <summary>The recording of a simulated incident in a directory of its own, and the ledger that came of it.</summary>
internal sealed class IncidentRecording : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("selfheal-recording-").FullName;
    private readonly StepEncoder _encoder = new();
    private readonly RecordedChunk _chunk = new();
    private readonly int _stepsPerChunk;
    private readonly int _chunksPerKey;
    private readonly RecordingFile _file;
    private int _chunks;

    private IncidentRecording(
        GatewayModel gateway, int stepsPerChunk, int chunksPerKey, ControlLoopOptions declared)
    {
        _stepsPerChunk = stepsPerChunk;
        _chunksPerKey = chunksPerKey;
        Gateway = gateway;
        Location = Path.Combine(_directory, "incident.shrec");
        _file = RecordingFile.Create(Location);
        var ledger = gateway.Ledger.ToArray();
        _file.WriteStart(
            new RecordingStart
            {
                Origin = RecordingOrigin.Served,
                Options = declared,
                StartedNanos = gateway.Now.MonotonicNanos,
                StartedAt = gateway.Now.Wall,
                LedgerEntries = ledger.Length,
                IsContinuation = false,
            },
            gateway.Now,
            ledger);
        gateway.OnStep = OnStep;
    }

    public GatewayModel Gateway { get; }

    public string Location { get; }

    /// <summary>When set, a chunk that is complete is thrown away instead of written, by its number.</summary>
    public Func<int, bool> IsLost { get; set; } = static _ => false;

    /// <summary>Canonical bytes of what the model's ledger got.</summary>
    public IEnumerable<string> Ledger => Gateway.Ledger.Select(static r => Convert.ToHexString(RecordJson.Write(r)));

    public byte[] Bytes
    {
        get => File.ReadAllBytes(Location);
        set => File.WriteAllBytes(Location, value);
    }

    /// <summary>The canary fails, loses its traffic, and the contract passes.</summary>
    public static IncidentRecording BadCanary(int stepsPerChunk = 20, int chunksPerKey = 4, bool complete = true)
    {
        var recording = Begin(stepsPerChunk, chunksPerKey);
        recording.Run(0.3, static g => g.Phase == IncidentPhase.Resolved);
        if (complete)
            recording.Complete();
        return recording;
    }

    /// <summary>The failures follow the traffic: contract, rollback, recommendation.</summary>
    public static IncidentRecording WrongGuess()
    {
        var recording = Begin(stepsPerChunk: 20, chunksPerKey: 4);
        var gateway = recording.Gateway;
        gateway.RunUntil(static () => false, 6);
        gateway.FailureRatio = cluster =>
        {
            var newest = gateway.WeightOf(GatewayModel.Canary) > 0 ? GatewayModel.Canary : GatewayModel.Stable;
            return cluster == newest ? 0.3 : 0;
        };
        gateway.RunUntil(() => gateway.Phase == IncidentPhase.Recommended, 80);
        recording.Complete();
        return recording;
    }

    public static IncidentRecording Begin(
        int stepsPerChunk, int chunksPerKey, Func<ControlLoopOptions, ControlLoopOptions>? declare = null)
    {
        var gateway = new GatewayModel(seed: 20260412);
        return new IncidentRecording(
            gateway, stepsPerChunk, chunksPerKey, declare?.Invoke(gateway.Options) ?? gateway.Options);
    }

    public void Run(double failures, Func<GatewayModel, bool> isDone)
    {
        Gateway.RunUntil(static () => false, 6);
        Gateway.FailureRatio = cluster => cluster == GatewayModel.Canary ? failures : 0;
        Gateway.RunUntil(() => isDone(Gateway), 80);
    }

    public void Complete()
    {
        Write();
        _file.Complete();
        _file.Dispose();
        Gateway.OnStep = static (_, _, _) => { };
    }

    /// <summary>Replays the file; records as hexadecimal bytes.</summary>
    public (ReplaySummary Summary, List<ReplayedRecord> Records) Replay(
        Func<ReplayRequest, ReplayRequest>? configure = null)
    {
        var request = new ReplayRequest { Files = [Location] };
        var records = new List<ReplayedRecord>();
        var session = new ReplaySession(configure?.Invoke(request) ?? request, records.Add, static _ => { });
        return (session.Run(CancellationToken.None), records);
    }

    public static IEnumerable<string> Payloads(IEnumerable<ReplayedRecord> records) =>
        records.Select(static r => Convert.ToHexString(r.Payload));

    public void Dispose()
    {
        _file.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private void OnStep(ControlTime now, ControlEvent[] inbox, List<ControlEffect> outbox)
    {
        if (_encoder.Chunk is null)
            _encoder.Begin(_chunk, now, isKey: _chunks % _chunksPerKey == 0);
        _encoder.Add(now, inbox, outbox);
        if (_chunk.Steps >= _stepsPerChunk)
            Write();
    }

    private void Write()
    {
        if (_encoder.Chunk is null)
            return;
        var chunk = _encoder.End();
        if (!IsLost(_chunks++))
            _file.Write(chunk);
    }
}
