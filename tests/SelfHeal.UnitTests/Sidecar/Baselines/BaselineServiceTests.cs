using SelfHeal.Core.Control;
using SelfHeal.Core.Detection;
using SelfHeal.Core.Series;
using SelfHeal.Sidecar.Baselines;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Judgement;

namespace SelfHeal.UnitTests.Sidecar.Baselines;

[TestFixture]
public sealed class BaselineServiceTests
{
    private static readonly BaselineHour Hour = new(
        3, [new BaselineRow(StatScope.Cluster, "pay", "errors", 1, 2, 3, 4, [])]);

    private readonly LogRecorder _logs = new();

    [Test]
    public async Task Read_WhatAnEarlierProcessStored_IsPosted()
    {
        using var folder = new ResourceFolder();
        var path = Path.Combine(folder.Location, "baselines.db");
        await RunAsync(folder, new ControlEffect.StoreBaselines(Hour), _ => File.Exists(path));
        var read = await RunAsync(folder, new ControlEffect.ReadBaselines(3), posted => posted.Count > 0);
        Assert.That(
            read.OfType<ControlEvent.BaselinesRead>().Single().Hour.Rows.Single().HourTotal, Is.EqualTo(2));
    }

    [Test]
    public async Task Start_FileIsNoDatabase_PutsItAsideAndGoesOn()
    {
        using var folder = new ResourceFolder();
        var path = Path.Combine(folder.Location, "baselines.db");
        await File.WriteAllTextAsync(path, new string('x', 5_000));
        await RunAsync(folder, new ControlEffect.StoreBaselines(Hour), _ => File.Exists(path + ".broken"));
        var read = await RunAsync(folder, new ControlEffect.ReadBaselines(3), posted => posted.Count > 0);
        Assert.That(read, Has.Count.EqualTo(1));
    }

    private async Task<List<ControlEvent>> RunAsync(
        ResourceFolder folder, ControlEffect effect, Func<List<ControlEvent>, bool> isDone)
    {
        using var meters = new TestMeters();
        var inbox = new ControlInbox(new FlushBatchPool(), meters);
        var posted = new List<ControlEvent>();
        using var service = new BaselineService(
            new StateOptions { Directory = folder.Location }, inbox, _logs.Create<BaselineService>());
        service.Post(effect);
        await service.StartAsync(CancellationToken.None);
        await Eventually.HoldsAsync(() =>
        {
            var taken = new List<ControlEvent>();
            inbox.Drain(taken);
            posted.AddRange(taken);
            return isDone(posted);
        }, "the work is done");
        await service.StopAsync(CancellationToken.None);
        return posted;
    }
}
