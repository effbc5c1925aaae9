using SelfHeal.Core.Control;
using SelfHeal.Core.Remediation;
using SelfHeal.Sidecar.Overlays;
using SelfHeal.Sidecar.Xds;
using SelfHeal.UnitTests.Ledger;
using SelfHeal.Xds.Groups;
using SelfHeal.Xds.Resources;
using static SelfHeal.UnitTests.Xds.Overlays.TestOverlays;

namespace SelfHeal.UnitTests.Sidecar.Overlays;

/// <summary>The in-process API on the real configuration loop; the control loop is never started.</summary>
[CancelAfter(60_000)]
internal sealed class OverlayServiceTests
{
    private const string Assignment = "payments-v1";
    private const string Endpoint = "127.0.0.1:18081";

    private ShellHarness _shell = null!; // Set before each test.
    private OverlayService _overlays = null!; // As above.

    [SetUp]
    public async Task CreateAsync()
    {
        _shell = await ShellHarness.CreateAsync().InTime();
        _overlays = new OverlayService(_shell.Configuration);
        await _shell.ServeAsync();
    }

    [TearDown]
    public async Task DisposeAsync() => await _shell.DisposeAsync();

    [Test]
    public async Task Lay_ThatFits_IsServedWhenTheAnswerComes()
    {
        var before = Served;

        var answer = await _overlays.LayAsync(Timed(7), CancellationToken.None).InTime();

        Assert.That(answer, Is.EqualTo(new OverlayAnswer(OverlayState.Laid, "")));
        Assert.That(Served, Is.Not.SameAs(before));
        Assert.That(_overlays.Entries.Single().State, Is.EqualTo(OverlayState.Laid));

        var withdrawn = await _overlays.WithdrawAsync("o1", Owner, "done", CancellationToken.None).InTime();

        Assert.That(withdrawn, Is.EqualTo(new OverlayAnswer(OverlayState.Withdrawn, "")));
        Assert.That(Served, Is.SameAs(before));
        Assert.That(_overlays.Entries, Is.Empty);
    }

    [Test]
    public async Task Lay_ThatDoesNotFit_ChangesNothingAndSaysWhatWasExpected()
    {
        var before = _shell.Hub.Snapshot;

        var answer = await _overlays.LayAsync(Timed(0), CancellationToken.None).InTime();

        Assert.That(answer.State, Is.EqualTo(OverlayState.Refused));
        Assert.That(
            answer.Problem, Does.Contain($"ClusterLoadAssignment '{Assignment}': the weight of '{Endpoint}' is 0"));
        Assert.That(_shell.Hub.Snapshot, Is.SameAs(before));
        Assert.That(_overlays.Entries, Is.Empty);
    }

    [Test]
    public async Task Withdraw_ChangeOfTheControlLoop_IsItsLedgersBusiness()
    {
        await _shell.Configuration.Commands.ApplyAsync(ShellHarness.Overlay("o1", 100, 0), CancellationToken.None);
        await _shell.EventsUntilAsync(static e => e is ControlEvent.RouteHeld { Overlays.Length: 1 });

        var named = await _overlays.WithdrawAsync("o1", LoopOverlay.Owner, "why", CancellationToken.None).InTime();
        var own = await _overlays.WithdrawAsync("o1", Owner, "why", CancellationToken.None).InTime();

        Assert.That(named.Problem, Does.Contain("whose ledger says when its changes go"));
        Assert.That(own.Problem, Does.Contain("is of 'control-loop', which alone may withdraw it"));
        Assert.That(_overlays.Entries.Single().State, Is.EqualTo(OverlayState.Laid));
    }

    [Test]
    public async Task Expiry_Passed_IsWithdrawnAndPushedThoughNobodyDecides()
    {
        var before = Served;
        await _overlays.LayAsync(Timed(7, TimeSpan.FromSeconds(3)), CancellationToken.None).InTime();
        Assert.That(Served, Is.Not.SameAs(before));
        Assert.That(_shell.Judgement.IsAttended, Is.False);

        await Eventually.HoldsAsync(
            () =>
            {
                _shell.Look();
                return ReferenceEquals(Served, before);
            },
            "the source's own resource is served again");

        Assert.That(_overlays.Entries, Is.Empty);
    }

    [Test]
    public async Task Lay_ContentThatAProxyRejects_TheSourcesOwnIsServedAgain()
    {
        var before = Served;
        await _overlays.LayAsync(Timed(7), CancellationToken.None).InTime();
        var rejected = Served!; // Laid.

        _shell.Hub.Slot(NodeGroups.Default).OnRejected?.Invoke(new RejectedContent(
            NodeGroups.Default, "edge-1", rejected.TypeUrl, rejected.Name, rejected.ContentHash, "bad weight"));

        await Eventually.HoldsAsync(() => ReferenceEquals(Served, before), "the source's own resource is served again");
        var entry = _overlays.Entries.Single();
        Assert.That((entry.State, entry.Problem), Is.EqualTo((OverlayState.Refused, "edge-1 rejected it: bad weight")));

        _shell.ExpectedErrors = 1; // What is in quarantine is an error to a human.

        // Whoever laid it tries something else.
        var again = await _overlays.LayAsync(Timed(8), CancellationToken.None).InTime();
        Assert.That(again.State, Is.EqualTo(OverlayState.Laid));
        Assert.That(Served, Is.Not.SameAs(before));
    }

    [Test]
    public async Task Lay_OnARouteWithAChangeOfTheControlLoop_BothLie()
    {
        await _shell.Configuration.Commands.ApplyAsync(ShellHarness.Overlay("o1", 100, 0), CancellationToken.None);
        var api = Weights("o2", ShellHarness.Route, "payments", "payments", ("payments-v1", 40)) with
        {
            ExpiresAt = _shell.Time.GetUtcNow() + TimeSpan.FromHours(1),
        };

        await _overlays.LayAsync(api, CancellationToken.None).InTime();

        await _shell.EventsUntilAsync(static e => e is ControlEvent.RouteHeld { Overlays: ["o1", "o2"] });
    }

    private XdsResource? Served => _shell.Hub.Snapshot?.Get(TypeUrl.ClusterLoadAssignment).Find(Assignment);

    private Overlay Timed(uint weight, TimeSpan? lifetime = null) =>
        EndpointWeights("o1", Assignment, (Endpoint, weight)) with
        {
            ExpiresAt = _shell.Time.GetUtcNow() + (lifetime ?? TimeSpan.FromHours(1)),
        };
}
