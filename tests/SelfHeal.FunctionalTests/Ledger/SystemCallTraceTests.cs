namespace SelfHeal.FunctionalTests.Ledger;

/// <summary>The durability test is worth what its reading of strace is worth.</summary>
public sealed class SystemCallTraceTests
{
    [Test]
    public void Trace_FlushThatFailed_IsNoFlush()
    {
        Assert.That(SystemCallTrace.FileFlushed("fdatasync(7</x/l-wal>) = -1 EIO (Input/output error)"), Is.Null);
        Assert.That(SystemCallTrace.FileFlushed("fdatasync(7</x/l-wal>)   = 0"), Is.EqualTo("/x/l-wal"));
        Assert.That(SystemCallTrace.FileFlushed("pwrite64(7</x/l-wal>, \"fsync(\", 6, 0) = 6"), Is.Null);
    }

    [Test]
    public void Trace_CallsThatOverlap_CountWritesFromTheirBeginningAndFlushesFromTheirEnd()
    {
        var trace = new SystemCallTrace([
            "10 fdatasync(7</x/l-wal> <unfinished ...>",
            "11 write(1<pipe:[5]>, \"appended 1\\n\", 11 <unfinished ...>",
            "10 <... fdatasync resumed>) = 0",
            "11 <... write resumed>) = 11",
        ]);
        Assert.That(trace.Find(0, call => SystemCallTrace.FileWritten(call, "appended 1") is not null), Is.Zero);
        Assert.That(trace.Find(0, call => SystemCallTrace.FileFlushed(call) is "/x/l-wal"), Is.EqualTo(1));
    }
}
