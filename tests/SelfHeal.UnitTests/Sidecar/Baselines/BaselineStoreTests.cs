using SelfHeal.Core.Detection;
using SelfHeal.Core.Series;
using SelfHeal.Sidecar.Baselines;

namespace SelfHeal.UnitTests.Sidecar.Baselines;

[TestFixture]
public sealed class BaselineStoreTests
{
    private readonly ResourceFolder _folder = new();

    private string FilePath => Path.Combine(_folder.Location, "baselines.db");

    [OneTimeTearDown]
    public void Remove() => _folder.Dispose();

    [SetUp]
    public void Clear()
    {
        foreach (var file in Directory.GetFiles(_folder.Location))
            File.Delete(file);
    }

    [Test]
    public void Read_AfterReopening_GivesWhatWasWritten()
    {
        var written = Row("pay-v1", 1.25, 3_000.5) with { Shapes = [0.25, 2, 0], Buckets = [1, 2, 3] };
        using (var store = BaselineStore.Open(FilePath))
            store.Write(new BaselineHour(5, [written]));
        using var again = BaselineStore.Open(FilePath);
        var read = again.Read(5).Rows.Single();
        Assert.That(read with { Shapes = [], Buckets = [] }, Is.EqualTo(written with { Shapes = [], Buckets = [] }));
        Assert.That(read.Shapes, Is.EqualTo(written.Shapes));
        Assert.That(read.Buckets, Is.EqualTo(written.Buckets));
    }

    [Test]
    public void Read_HourNotSeenYet_HasTheSeriesMeanAlone()
    {
        using var store = BaselineStore.Open(FilePath);
        store.Write(new BaselineHour(5, [Row("pay-v1", 1, 1_000)]));
        var read = store.Read(6).Rows.Single();
        Assert.That((read.HourEvents, read.HourTotal, read.AllTotal), Is.EqualTo((0d, 0d, 10_000d)));
    }

    [Test]
    public void Write_SameHourAgain_Replaces()
    {
        using var store = BaselineStore.Open(FilePath);
        store.Write(new BaselineHour(5, [Row("pay-v1", 1, 1_000), Row("pay-v2", 2, 500)]));
        store.Write(new BaselineHour(5, [Row("pay-v1", 7, 9_000)]));
        var rows = store.Read(5).Rows;
        Assert.That(rows.Select(r => (r.Name, r.HourEvents)), Is.EqualTo(new[] { ("pay-v1", 7d), ("pay-v2", 2d) }));
    }

    [Test]
    public void Open_NewFile_BelongsToItsOwnerAlone()
    {
        using var store = BaselineStore.Open(FilePath);
        Assert.That(File.GetUnixFileMode(FilePath), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    private static BaselineRow Row(string name, double events, double total) =>
        new(StatScope.Cluster, name, "errors", events, total, 10, 10_000, []);
}
