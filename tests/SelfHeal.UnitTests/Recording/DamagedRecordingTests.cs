using SelfHeal.Core.Records;
using SelfHeal.Core.Time;

namespace SelfHeal.UnitTests.Recording;

[TestFixture]
internal sealed class DamagedRecordingTests
{
    [Test]
    public void Replay_OfAFileThatWasNotEnded_UsesEverythingAndSaysWhereItEnds()
    {
        using var recording = IncidentRecording.BadCanary();
        var whole = recording.Replay();
        var bytes = recording.Bytes;
        var index = BitConverter.ToInt64(bytes, bytes.Length - 16);
        recording.Bytes = bytes[..(int)index];

        var (summary, records) = recording.Replay();

        Assert.That(IncidentRecording.Payloads(records), Is.EqualTo(IncidentRecording.Payloads(whole.Records)));
        Assert.That(summary.Faults.Select(static f => f.ToString()), Is.EqualTo((string[])[
            $"{recording.Location}: byte {index}: expected the index that ends a recording; the recorder was stopped "
            + "short, and its last seconds are missing"]));
        Assert.That(summary.IsClean, Is.False);
    }

    [Test]
    public void Replay_OfASmallFileCutAtAnyByte_RunsWhatIsWhole()
    {
        using var recording = IncidentRecording.Begin(stepsPerChunk: 3, chunksPerKey: 2);
        recording.Gateway.RunUntil(static () => false, 3);
        recording.Complete();
        var bytes = recording.Bytes;
        var steps = 0L;
        for (var length = 0; length < bytes.Length; length++)
        {
            recording.Bytes = bytes[..length];
            var (summary, _) = recording.Replay();
            Assert.That(summary.Faults, Is.Not.Empty, $"cut at {length}");
            Assert.That(summary.Faults[0].Offset, Is.LessThanOrEqualTo(length));
            Assert.That(summary.Steps, Is.GreaterThanOrEqualTo(steps), $"cut at {length}");
            steps = summary.Steps;
        }

        Assert.That(steps, Is.GreaterThanOrEqualTo(9));
    }

    [Test]
    public void Replay_OfAnIncidentCutAnywhere_GivesABeginningOfTheRecords()
    {
        using var recording = IncidentRecording.BadCanary(stepsPerChunk: 10);
        var bytes = recording.Bytes;
        var whole = IncidentRecording.Payloads(recording.Replay().Records).ToList();
        var seen = new HashSet<int>();
        for (var length = 0; length < bytes.Length; length += 97)
        {
            recording.Bytes = bytes[..length];
            var (summary, records) = recording.Replay();
            Assert.That(
                IncidentRecording.Payloads(records), Is.EqualTo(whole.Take(records.Count)), $"cut at {length}");
            Assert.That(summary.Faults, Is.Not.Empty, $"cut at {length}");
            Assert.That(summary.Faults[0].Offset, Is.LessThanOrEqualTo(length));
            seen.Add(records.Count);
        }

        Assert.That(seen, Does.Contain(0).And.Contain(3).And.Count.GreaterThan(2));
    }

    [Test]
    public void Replay_OfAFileWithFlippedBits_ThrowsNothingAndSaysWhere()
    {
        using var recording = IncidentRecording.BadCanary(stepsPerChunk: 10);
        var bytes = recording.Bytes;
        var random = new SeededRandomSource(20260412);
        var reached = 0;
        for (var round = 0; round < 400; round++)
        {
            var damaged = (byte[])bytes.Clone();
            var place = random.NextInt32(bytes.Length);
            damaged[place] ^= (byte)(1 << random.NextInt32(8));
            recording.Bytes = damaged;

            var (summary, records) = recording.Replay();

            Assert.That(summary.IsClean, Is.False, $"byte {place}");
            Assert.That(summary.Faults, Is.Not.Empty, $"byte {place}");
            Assert.That(summary.Faults[0].Offset, Is.LessThanOrEqualTo(place));
            reached += records.Exists(static r => r.Record.Type is RecordType.Resolved or RecordType.Resumed) ? 1 : 0;
        }

        Assert.That(reached, Is.GreaterThan(200), "behind most damage the next key is reached");
    }

    [Test]
    public void Replay_OfAFileWithAHole_GoesOnBehindIt()
    {
        using var recording = IncidentRecording.BadCanary(stepsPerChunk: 5, chunksPerKey: 2);
        var bytes = recording.Bytes;
        var middle = bytes.Length / 4;
        recording.Bytes = [.. bytes[..(middle - 200)], .. bytes[(middle + 200)..]];

        var (summary, _) = recording.Replay();

        Assert.That(summary.Faults, Is.Not.Empty);
        Assert.That(summary.Failure, Is.Empty);
        Assert.That(summary.Notes, Has.Some.Contains("a new control loop begins here"));
    }

    [TestCase("", "byte 0: expected a recording, which has at least 16 bytes; this file has 0")]
    [TestCase("hello, this is no recording at all", "byte 0: expected a recording, which begins with SHRECORD")]
    [TestCase("SHRECORD\u0001\0\0\0????", "byte 0: expected a file header with a right checksum")]
    public void Replay_OfAnotherFile_SaysWhatARecordingIs(string content, string expected)
    {
        using var recording = IncidentRecording.BadCanary();
        recording.Bytes = System.Text.Encoding.Latin1.GetBytes(content);

        var (summary, records) = recording.Replay();

        Assert.That(records, Is.Empty);
        Assert.That(summary.Faults[0].ToString(), Is.EqualTo($"{recording.Location}: {expected}"));
    }

    [Test]
    public void Replay_OfANewerVersion_SaysWhichItReads()
    {
        using var recording = IncidentRecording.BadCanary();
        var bytes = recording.Bytes;
        bytes[8] = 2;
        var checksum = SelfHeal.Core.Recording.RecordingFormat.Checksum(bytes.AsSpan(0, 12));
        BitConverter.TryWriteBytes(bytes.AsSpan(12), checksum);
        recording.Bytes = bytes;

        var (summary, records) = recording.Replay();

        Assert.That(records, Is.Empty);
        Assert.That(summary.Faults.Single().Expected, Is.EqualTo("a recording of version 1; this one has version 2"));
    }

    [Test]
    public void Replay_OfRandomBytesBehindTheHeader_ThrowsNothing()
    {
        using var recording = IncidentRecording.BadCanary();
        var head = recording.Bytes[..16];
        var random = new SeededRandomSource(7);
        for (var round = 0; round < 200; round++)
        {
            var noise = new byte[random.NextInt32(5_000)];
            for (var i = 0; i < noise.Length; i++)
                noise[i] = (byte)random.NextInt32(256);
            recording.Bytes = [.. head, .. noise];
            Assert.That(recording.Replay().Summary.IsClean, Is.False);
        }
    }

    [Test]
    public void Checksum_OfTheCheckString_IsCastagnolis() => Assert.That(
        SelfHeal.Core.Recording.RecordingFormat.Checksum("123456789"u8), Is.EqualTo(0xE3069283));

    [Test]
    public void RecordingFile_OfAnyUmask_IsItsOwnersAlone()
    {
        using var recording = IncidentRecording.BadCanary();
        if (!OperatingSystem.IsWindows())
        {
            Assert.That(
                File.GetUnixFileMode(recording.Location), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        }
    }
}
