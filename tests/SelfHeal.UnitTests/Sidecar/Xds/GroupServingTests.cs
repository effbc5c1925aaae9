using Envoy.Config.Core.V3;
using SelfHeal.Sidecar.Xds;
using SelfHeal.UnitTests.Ledger;
using SelfHeal.Xds.Accepted;
using SelfHeal.Xds.Groups;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Sessions;

namespace SelfHeal.UnitTests.Sidecar.Xds;

/// <summary>Groups of nodes, what is served before there is a source, and what is served without a culprit.</summary>
[CancelAfter(60_000)]
internal sealed class GroupServingTests
{
    private const int Served = 2201;
    private const int Kept = 2203;
    private const int FromDisk = 2208;
    private const int Quarantined = 2210;
    private const int Disputed = 2211;
    private const int NotFromDisk = 2212;

    private string _state = null!; // Set before each test.
    private ResourceFolder _edge = null!; // Set before each test.

    [SetUp]
    public void Begin()
    {
        _state = Directory.CreateTempSubdirectory("selfheal-state-").FullName;
        _edge = new ResourceFolder();
    }

    [TearDown]
    public void End()
    {
        Directory.Delete(_state, recursive: true);
        _edge.Dispose();
    }

    [Test]
    public async Task Start_TwoGroups_EachIsServedItsOwnAndTheJudgementSeesBoth()
    {
        await using var shell = ShellHarness.Create(_state, Group("edge", _edge.Location));
        _edge.Replace("routes.yaml", "payments-routes", "edge-routes");
        _edge.Replace("listeners.yaml", "payments-routes", "edge-routes");

        await shell.ServeAsync(times: 2);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(RouteOf(shell.Hub.Default), Is.EqualTo("payments-routes"));
            Assert.That(RouteOf(shell.Hub.Slot("edge")), Is.EqualTo("edge-routes"));
            Assert.That(
                shell.Configuration.Served?.Routes.Select(static r => r.Name),
                Is.EqualTo(new[] { "edge-routes", "payments-routes" }));
        }
    }

    [Test]
    public async Task Look_OneGroupIsBad_TheOtherIsServedAndTheProblemNamesItsGroup()
    {
        _edge.Replace("routes.yaml", "weight: 90", "weight: ninety");
        await using var shell = ShellHarness.Create(_state, Group("edge", _edge.Location));
        await shell.ServeAsync();
        await shell.Logs.WaitForAsync(Kept);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(shell.ServedRoute, Is.Not.Null);
            Assert.That(shell.Hub.Slot("edge").Snapshot, Is.Null);
            Assert.That(shell.Configuration.Problems.Single(), Does.StartWith("group 'edge': ").And.Contain("weight"));
        }

        shell.ExpectedErrors = 2;
    }

    [Test]
    public async Task Apply_OverlayOfTheJudgement_LiesOnEveryGroupWithTheSameRoute()
    {
        await using var shell = ShellHarness.Create(_state, Group("edge", _edge.Location));
        await shell.ServeAsync(times: 2);

        await shell.Configuration.Commands.ApplyAsync(ShellHarness.Overlay("o1", 100, 0), CancellationToken.None);

        await Eventually.HoldsAsync(
            () => RouteHash(shell.Hub.Slot("edge")) == RouteHash(shell.Hub.Default)
                && RouteHash(shell.Hub.Default) != shell.Configuration.Served?.SourceHash(ShellHarness.Route),
            "the overlay lies on both");
        await shell.Configuration.Commands.WithdrawAsync("o1", CancellationToken.None);
        await Eventually.HoldsAsync(
            () => RouteHash(shell.Hub.Slot("edge")) == shell.Configuration.Served?.SourceHash(ShellHarness.Route),
            "the source's own bytes are back");
    }

    [Test]
    public async Task Join_NodeWithADirectoryOfItsOwn_IsServedFromIt()
    {
        var parent = Path.GetDirectoryName(_edge.Location)!; // It has one.
        await using var shell = ShellHarness.Create(
            _state, Group("own", Path.Combine(parent, "{id}"), id: "res*"));
        await shell.ServeAsync();

        var (slot, problem) = shell.Hub.For(new Node { Id = "resources" });
        var refused = shell.Hub.For(new Node { Id = "res/../resources" });

        Assert.That(problem, Is.Empty);
        await Eventually.HoldsAsync(() => slot?.Snapshot is not null, "its directory is served");
        Assert.That(refused.Slot, Is.Null);
        Assert.That(refused.Problem, Does.Contain("group 'own': node.id holds a slash"));
    }

    [Test]
    public async Task Start_SourceIsGone_ServesWhatWasAcceptedLastAndSaysSo()
    {
        string? accepted;
        await using (var first = ShellHarness.Create(_state))
        {
            await first.Keeper.StartAsync(CancellationToken.None).InTime();
            await first.ServeAsync();
            Accept(first.Hub.Default);
            accepted = SnapshotVersion.Of(first.Hub.Snapshot);
        }

        await using var shell = ShellHarness.Create(_state);
        shell.Folder.Hide();
        await shell.Configuration.StartAsync(CancellationToken.None).InTime();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(SnapshotVersion.Of(shell.Hub.Snapshot), Is.EqualTo(accepted).And.Not.Empty);
            Assert.That(shell.Logs.Count(FromDisk), Is.EqualTo(1));
            Assert.That(shell.Configuration.Served, Is.Not.Null);
        }

        await Eventually.HoldsAsync(
            () => shell.Configuration.Problems is [var disk, var unreadable]
                && disk.Contains("from disk", StringComparison.Ordinal)
                && unreadable.Contains("cannot be read", StringComparison.Ordinal),
            "both problems are told");
        var before = shell.Hub.Snapshot;
        shell.Folder.Restore();
        shell.Look();
        await shell.Logs.WaitForAsync(Served);
        Assert.That(shell.Configuration.Problems, Is.Empty);
        Assert.That(shell.Hub.Snapshot, Is.SameAs(before), "equal content is nothing new to any stream");
    }

    [Test]
    public async Task Start_OverlaysWereAccepted_LaysThoseInForceOnTheSourceAndNoOthers()
    {
        await using (var first = ShellHarness.Create(_state))
        {
            await first.Keeper.StartAsync(CancellationToken.None).InTime();
            await first.ServeAsync();
            await first.Configuration.Commands.ApplyAsync(ShellHarness.Overlay("o1", 100, 0), CancellationToken.None);
            await Eventually.HoldsAsync(
                () => RouteHash(first.Hub.Default) != first.Configuration.Served?.SourceHash(ShellHarness.Route),
                "the overlay lies");
            Accept(first.Hub.Default);
        }

        // The ledger of this process knows of no overlay: it was concluded.
        await using var shell = ShellHarness.Create(_state);
        var source = RouteHash(await SourceAsync());
        shell.Folder.Hide();
        await shell.Configuration.StartAsync(CancellationToken.None).InTime();

        Assert.That(RouteHash(shell.Hub.Default), Is.EqualTo(source));
        shell.Folder.Restore();
    }

    [Test]
    public async Task Rejected_ByAll_GivesWayToWhatWasAcceptedUntilTheSourceChanges()
    {
        await using (var shell = ShellHarness.Create(_state))
        {
            await shell.Keeper.StartAsync(CancellationToken.None).InTime();
            await shell.ServeAsync();
            Accept(shell.Hub.Default);
            var good = RouteHash(shell.Hub.Default);
            shell.Folder.Replace("routes.yaml", "weight: 90", "weight: 60");
            shell.Look();
            await shell.Logs.WaitForAsync(Served, times: 2);
            var bad = RouteHash(shell.Hub.Default);

            Reject(shell.Hub.Default, bad);
            await shell.Logs.WaitForAsync(Quarantined);
            await Eventually.HoldsAsync(() => RouteHash(shell.Hub.Default) == good, "the accepted content is back");

            await Eventually.HoldsAsync(
                () => shell.Configuration.Problems is [var problem]
                    && problem.Contains("as it was accepted last: a proxy rejected it", StringComparison.Ordinal),
                "it is told");
            Assert.That(shell.Logs.Texts(Quarantined).Single(), Does.Contain("gateway-1").And.Contain("no such thing"));
            Assert.That(shell.Configuration.Quarantine.Entries.Single().ContentHash, Is.EqualTo(bad));
            shell.ExpectedErrors = 1;
        }

        // Another process, the same bad source: nobody has to reject it again.
        await using var second = ShellHarness.Create(_state);
        second.Folder.Replace("routes.yaml", "weight: 90", "weight: 60");
        await second.ServeAsync();
        Assert.That(second.Configuration.Quarantine.Entries, Has.Length.EqualTo(1));
        var entry = second.Configuration.Quarantine.Entries.Single();
        Assert.That(RouteHash(second.Hub.Default), Is.Not.EqualTo(entry.ContentHash));

        second.Folder.Replace("routes.yaml", "weight: 60", "weight: 70");
        second.Look();
        await second.Logs.WaitForAsync(Served, times: 2);
        Assert.That(second.Configuration.Quarantine.Entries, Is.Empty);
        Assert.That(
            RouteHash(second.Hub.Default), Is.EqualTo(second.Configuration.Served?.SourceHash(ShellHarness.Route)));
    }

    [Test]
    public async Task Rejected_ByOneAndAcceptedByOthers_StaysServedAndIsTold()
    {
        await using var shell = ShellHarness.Create(_state);
        await shell.ServeAsync();
        Accept(shell.Hub.Default);
        var content = RouteHash(shell.Hub.Default);

        Reject(shell.Hub.Default, content);
        await shell.Logs.WaitForAsync(Disputed);

        await Eventually.HoldsAsync(() => shell.Configuration.Problems.Length == 1, "it is told");
        Assert.That(shell.Configuration.Problems.Single(), Does.Contain("accepted by others"));
        Assert.That(RouteHash(shell.Hub.Default), Is.EqualTo(content));
        Assert.That(shell.Configuration.Quarantine.Entries, Is.Empty);
        shell.ExpectedErrors = 1;
    }

    [Test]
    public async Task Start_AcceptedClusterHeldASecret_ServesNothingRatherThanDeleteIt()
    {
        await using (var first = ShellHarness.Create(_state))
        {
            await File.WriteAllTextAsync(
                Path.Combine(first.Folder.Location, "secret.yaml"),
                """
                "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
                name: with-key
                type: STATIC
                connect_timeout: 1s
                transport_socket:
                  name: tls
                  typed_config:
                    "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
                    common_tls_context:
                      tls_certificates:
                      - private_key: { inline_string: a-key }

                """).InTime();
            await first.Keeper.StartAsync(CancellationToken.None).InTime();
            await first.ServeAsync();
            Accept(first.Hub.Default);
        }

        await using var shell = ShellHarness.Create(_state);
        shell.Folder.Hide();
        await shell.Configuration.StartAsync(CancellationToken.None).InTime();

        Assert.That(shell.Hub.Snapshot, Is.Null);
        Assert.That(shell.Logs.Texts(NotFromDisk).Single(), Does.Contain("Cluster 'with-key'"));
        shell.Folder.Restore();
        shell.Look();
        await shell.Logs.WaitForAsync(Served);
    }

    private static async Task<ServedSlot> SourceAsync()
    {
        await using var shell = ShellHarness.Create(null);
        await shell.ServeAsync();
        return shell.Hub.Default;
    }

    private static NodeGroup Group(string name, string resources, string id = "edge-*") =>
        new(name, new NodeMatch { Id = new GlobPattern(id) }, resources);

    private static void Accept(ServedSlot slot)
    {
        var snapshot = slot.Snapshot ?? throw new AssertionException("nothing is served");
        foreach (var (typeUrl, set) in snapshot.Sets)
            slot.Accepted.Acknowledge(typeUrl, name => set.Find(name)?.ContentHash);
    }

    private static void Reject(ServedSlot slot, string? contentHash) => slot.Apply(
        "gateway-1",
        new SessionEvent.Isolated(
            TypeUrl.RouteConfiguration, ShellHarness.Route, contentHash ?? "", "no such thing", 1));

    private static string? RouteOf(ServedSlot slot) =>
        slot.Snapshot?.Get(TypeUrl.RouteConfiguration).Resources.Single().Name;

    private static string? RouteHash(ServedSlot slot) =>
        slot.Snapshot?.Get(TypeUrl.RouteConfiguration).Find(ShellHarness.Route)?.ContentHash;
}
