using SelfHeal.Core.Control;
using SelfHeal.Core.Time;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Judgement;
using SelfHeal.Sidecar.Recording;
using SelfHeal.UnitTests.Control;
using SelfHeal.UnitTests.Ledger;
using SelfHeal.UnitTests.Sidecar;

namespace SelfHeal.UnitTests.Recording;

[TestFixture]
internal sealed class StepRecorderTests
{
    private LogRecorder _logs = new();
    private string _directory = "";
    private TestMeters _meters = new();

    [SetUp]
    public void MakeDirectory()
    {
        _meters = new TestMeters();
        _logs = new LogRecorder();
        _directory = Directory.CreateTempSubdirectory("selfheal-recorder-").FullName;
    }

    [TearDown]
    public void RemoveDirectory()
    {
        _meters.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Test]
    public async Task Record_OfAnIncident_ReplaysToTheLedgersBytes()
    {
        var gateway = new GatewayModel(seed: 20260412);
        var (recorder, service) = Create(gateway, new RecordingOptions { Directory = _directory });
        await service.StartAsync(CancellationToken.None).InTime();
        Play(gateway, recorder);
        await service.StopAsync(CancellationToken.None).InTime();

        var (summary, records) = Replay();

        Assert.That(IncidentRecording.Payloads(records), Is.EqualTo(Ledger(gateway)));
        Assert.That(records, Is.Not.Empty);
        Assert.That(summary.IsClean, Is.True, string.Join('\n', summary.Faults));
        Assert.That(recorder.IsActive, Is.False);
    }

    [Test]
    public async Task Record_OverSeveralFiles_ReplaysAsOneAndEachAlone()
    {
        var gateway = new GatewayModel(seed: 20260412);
        var (recorder, service) = Create(gateway, new RecordingOptions { Directory = _directory, MaxBytes = 6_000 });
        await service.StartAsync(CancellationToken.None).InTime();
        Play(gateway, recorder, () => recorder.Chunks.Count == 0);
        await service.StopAsync(CancellationToken.None).InTime();

        Assert.That(Files(), Has.Length.GreaterThan(2));
        var (summary, records) = Replay();
        Assert.That(IncidentRecording.Payloads(records), Is.EqualTo(Ledger(gateway)));
        Assert.That(summary.IsClean, Is.True, summary.Difference + string.Join('\n', summary.Faults));
        var last = new List<ReplayedRecord>();
        var alone = new ReplaySession(new ReplayRequest { Files = [Files()[^1]] }, last.Add, static _ => { })
            .Run(CancellationToken.None);
        Assert.That(alone.Faults, Is.Empty);
        Assert.That(alone.Failure, Is.Empty);
        Assert.That(alone.NotCompared, Does.Contain("does not begin where"));
        Assert.That(alone.Steps, Is.Positive);
    }

    [Test]
    public async Task Record_OfMoreFilesThanAreKept_DeletesTheOldest()
    {
        var gateway = new GatewayModel(seed: 20260412);
        var (recorder, service) = Create(
            gateway, new RecordingOptions { Directory = _directory, MaxBytes = 4_000, MaxFiles = 2 });
        await service.StartAsync(CancellationToken.None).InTime();
        Play(gateway, recorder, () => recorder.Chunks.Count == 0);
        await service.StopAsync(CancellationToken.None).InTime();

        Assert.That(Files(), Has.Length.EqualTo(2));
    }

    [Test]
    public async Task Record_WhenTheDirectoryCannotBeWritten_EndsTheRecordingAndNothingElse()
    {
        var gateway = new GatewayModel(seed: 20260412);
        var file = Path.Combine(_directory, "file");
        await File.WriteAllTextAsync(file, "", CancellationToken.None);
        var (recorder, service) = Create(gateway, new RecordingOptions { Directory = Path.Combine(file, "below") });
        await service.StartAsync(CancellationToken.None).InTime();
        Play(gateway, recorder);
        await _logs.WaitForAsync(7002);
        await service.StopAsync(CancellationToken.None).InTime();

        Assert.That(gateway.Ledger, Has.Count.EqualTo(3), "the judgement went on");
        Assert.That(recorder.IsActive, Is.False);
        Assert.That(_logs.Errors.Single(), Does.Contain("nothing more is recorded"));
    }

    [Test]
    public async Task Record_WhenTheDiskHangs_DropsStepsAndSaysWhere()
    {
        var gateway = new GatewayModel(seed: 20260412);
        var (recorder, service) = Create(gateway, new RecordingOptions { Directory = _directory });

        // As if the disk hung from the beginning: nobody takes chunks, and there are no more than a few of them.
        recorder.Start();
        gateway.OnStep = (now, events, effects) => recorder.OnStep(now, events, effects);
        gateway.RunUntil(static () => false, 40);
        Assert.That(_meters.Sum("selfheal.recording.dropped_steps"), Is.Positive);
        var dropped = gateway.Now;
        await service.StartAsync(CancellationToken.None).InTime();
        await Eventually.HoldsAsync(() => recorder.Chunks.Count == 0, "the disk has come back");
        Play(gateway, recorder);
        await service.StopAsync(CancellationToken.None).InTime();

        var (summary, records) = Replay();

        Assert.That(summary.Notes, Has.Some.Match("[0-9]+ steps before this were not recorded: the disk was slow"));
        Assert.That(summary.Faults, Is.Empty);
        Assert.That(records.Select(static r => r.Record.Time.Decided), Is.All.GreaterThan(dropped.Wall));
        Assert.That(records.Select(static r => r.Record.Type), Is.EqualTo(gateway.Ledger.Select(static r => r.Type)));
        Assert.That(_logs.Count(7003), Is.EqualTo(1));
    }

    [Test]
    public async Task Record_OfAStepThatBreaksTheLoop_IsInTheRecording()
    {
        var gateway = new GatewayModel(seed: 1);
        var (recorder, service) = Create(gateway, new RecordingOptions { Directory = _directory });
        await service.StartAsync(CancellationToken.None).InTime();
        gateway.OnStep = (now, events, effects) => recorder.OnStep(now, events, effects);
        gateway.RunFlush();
        ControlEvent[] twice = [new ControlEvent.StatsStreamOpened(1, "envoy-1", "edge")];
        var broken = gateway.Now.Plus(TimeSpan.FromSeconds(1));
        Assert.That(() => gateway.Loop.Step(broken, twice, []), Throws.Exception);
        recorder.OnStep(broken, twice, []);
        await service.StopAsync(CancellationToken.None).InTime();

        var (summary, _) = Replay();

        Assert.That(summary.Failure, Does.Contain("the control loop failed: A stream id is used once"));
        Assert.That(summary.IsClean, Is.False);
    }

    [Test]
    [NonParallelizable]
    public void OnStep_InSteadyState_AllocatesNothing()
    {
        var gateway = new GatewayModel(seed: 1);
        var (recorder, _) = Create(gateway, new RecordingOptions { Directory = _directory });
        recorder.Start();
        var stream = new TestStream(1, "envoy");
        var now = ChunkHarness.Start;
        recorder.OnStep(now, [stream.Opened], []);

        // A ring of batches: what is measured is the recorder, not the stream.
        var random = new SeededRandomSource(3);
        var batches = Enumerable.Range(0, 512)
            .Select(_ => (ControlEvent[])[stream.Flush(now, 2_000, 300, random)]).ToArray();
        var noEffects = new List<ControlEffect>();
        var next = 0;
        var allocated = SteadyState.AllocatedBytes(() =>
        {
            for (var i = 0; i < 64; i++)
            {
                now = now.Plus(TimeSpan.FromMilliseconds(50));
                recorder.OnStep(now, batches[next++ % batches.Length], noEffects);
                now = now.Plus(TimeSpan.FromMilliseconds(50));
                recorder.OnStep(now, [], noEffects);
                while (recorder.Chunks.TryRead(out var chunk))
                    recorder.Return(chunk);
            }
        });

        Assert.That(allocated, Is.Zero);
    }

    private static IEnumerable<string> Ledger(GatewayModel gateway) =>
        gateway.Ledger.Select(static r => Convert.ToHexString(SelfHeal.Core.Records.RecordJson.Write(r)));

    private static void Play(GatewayModel gateway, StepRecorder recorder, Func<bool>? isIdle = null)
    {
        gateway.OnStep = (now, events, effects) =>
        {
            recorder.OnStep(now, events, effects);

            // Simulated time runs a thousand times faster than any disk.
            Assert.That(SpinWait.SpinUntil(isIdle ?? (() => recorder.Chunks.Count < 4 || !recorder.IsActive),
                TimeSpan.FromSeconds(20)), Is.True);
        };
        gateway.RunUntil(static () => false, 6);
        gateway.FailureRatio = static cluster => cluster == GatewayModel.Canary ? 0.3 : 0;
        gateway.RunUntil(() => gateway.Phase == IncidentPhase.Resolved, 80);
    }

    private string[] Files() =>
        [.. Directory.GetFiles(_directory, "*.shrec").OrderBy(File.GetLastWriteTimeUtc)];

    private (ReplaySummary Summary, List<ReplayedRecord> Records) Replay()
    {
        var records = new List<ReplayedRecord>();
        var session = new ReplaySession(new ReplayRequest { Files = [.. Files()] }, records.Add, static _ => { });
        return (session.Run(CancellationToken.None), records);
    }

    private (StepRecorder Recorder, RecordingService Service) Create(GatewayModel gateway, RecordingOptions options)
    {
        var restored = new Restored(null!, [], gateway.Loop) // Neither of the two appends anything.
        {
            Options = gateway.Options,
            StartedAt = gateway.Now,
        };
        var recorder = new StepRecorder(restored, _meters);
        return (recorder, new RecordingService(
            options, recorder, restored, _meters, _logs.Create<RecordingService>()));
    }
}
