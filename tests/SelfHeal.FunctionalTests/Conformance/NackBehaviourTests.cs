using static SelfHeal.FunctionalTests.Conformance.Content;
using static SelfHeal.FunctionalTests.Conformance.XdsServices;

namespace SelfHeal.FunctionalTests.Conformance;

/// <summary>
/// The behaviours of a NACK: what was accepted last is sent at once, under a new nonce, and the rejected content never
/// again until it changes.
/// </summary>
[Order(1)]
internal sealed class NackBehaviourTests : ConformanceFixture
{
    public NackBehaviourTests() => ExpectedError = "rejected it";

    [Behaviour(Variant.Streams)]
    public async Task B015_Error_MakesItANackWhateverTheVersionSays(Variant on)
    {
        var (probe, first, second) = await PushAsync(on);
        await probe.NackAsync(second, "no", version: second.Version);

        var third = await probe.NextAckedAsync(Eds);

        Assert.That(third.BytesOf("a"), Is.EqualTo(first.BytesOf("a")), "an ACK would not have been answered");
        Assert.That(third.Nonce, Is.Not.EqualTo(first.Nonce).And.Not.EqualTo(second.Nonce));
        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Streams)]
    public async Task B016_RejectedContent_IsNotHeld(Variant on)
    {
        var probe = await ConnectAsync(on, Cluster("a"), Cluster("b"));
        await probe.FetchAsync(Cds);
        await Server.PublishAsync(Cluster("a", 2), Cluster("b"));
        await probe.NackAsync(await probe.NextAsync(Cds), "cluster a: no");
        await probe.NextAckedAsync(Cds);

        // What it is believed to hold shows in what is sent next.
        await Server.PublishAsync(Cluster("a"), Cluster("b", 2));

        var next = await probe.NextAckedAsync(Cds);
        Assert.That(next.Names, Is.EqualTo(probe.IsDelta ? "b" : "a,b"));
        Assert.That(next.BytesOf("b"), Is.EqualTo(Bytes(Cluster("b", 2))));
        if (!probe.IsDelta)
            Assert.That(next.BytesOf("a"), Is.EqualTo(Bytes(Cluster("a"))));
        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Streams)]
    public async Task B017_RejectedContent_IsNotSentAgain(Variant on)
    {
        var (probe, _, second) = await PushAsync(on);
        await probe.NackAsync(second, "no");
        await probe.NextAckedAsync(Eds);

        // The same once more, and something of another type.
        await Server.PublishAsync(Endpoints("a", 2), Endpoints("b"));
        await Server.PublishAsync(Endpoints("a", 2), Endpoints("b"), Runtime("r"));

        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Streams)]
    public async Task B018_ChangedContent_IsSentAtOnceAfterANack(Variant on)
    {
        var (probe, _, second) = await PushAsync(on);
        await probe.NackAsync(second, "no");
        await probe.NextAckedAsync(Eds);

        await Server.PublishAsync(Endpoints("a", 3), Endpoints("b"));

        var fourth = await probe.NextAckedAsync(Eds);
        Assert.That(fourth.BytesOf("a"), Is.EqualTo(Bytes(Endpoints("a", 3))));
        await probe.ExpectSilenceAsync();
    }

    [Behaviour(Variant.Sotw)]
    public Task B019_NamesInANack_ChangeTheSubscription(Variant on) => NamesInANackCountAsync(on);

    [Behaviour(Variant.Delta)]
    public Task B050_ChangeInANack_Counts(Variant on) => NamesInANackCountAsync(on);

    [Behaviour(Variant.Streams)]
    public async Task B025_Nack_IsKeptForDiagnosis(Variant on)
    {
        var (probe, _, second) = await PushAsync(on);
        var text = $"endpoint a: {new string('x', 100_000)}";
        await probe.NackAsync(second, text);
        await probe.NextAckedAsync(Eds);

        var status = await new StatusProbe(Server.Port).FetchAsync("probe");
        var error = status.Single(static r => r.Name is "a").ErrorState;
        Assert.That(error.Details, Does.StartWith("endpoint a: xxx").And.Length.LessThan(10_000));
        Assert.That(error.VersionInfo, probe.IsDelta ? Is.EqualTo(second.Find("a").Version) : Is.Not.Empty);
        Assert.That(error.LastUpdateAttempt.ToDateTimeOffset(), Is.EqualTo(Server.Clock.GetUtcNow()));
    }

    [Behaviour(Variant.Delta)]
    public async Task B066_VersionOfRejectedContent_IsNotRecordedAsHeld(Variant on)
    {
        var (probe, _, second) = await PushAsync(on);
        await probe.NackAsync(second, "no");
        await probe.NextAckedAsync(Eds);

        // The source goes back to what the client holds: there is nothing to say.
        await Server.PublishAsync(Endpoints("a"), Endpoints("b"));
        var fence = await probe.FenceAsync(Eds);
        await Server.PublishAsync(Endpoints("a", 2), Endpoints("b", 2));

        Assert.That((fence.Names, fence.RemovedNames), Is.EqualTo(("", "fence")));
        await probe.ExpectSilenceAsync(); // It was rejected, and b is not asked for.
    }

    /// <summary>A stream that has accepted one content of a and was just sent another.</summary>
    private async Task<(XdsProbe Probe, Answer First, Answer Second)> PushAsync(Variant on)
    {
        var probe = await ConnectAsync(on, Endpoints("a"), Endpoints("b"));
        var first = await probe.FetchAsync(Eds, "a");
        await Server.PublishAsync(Endpoints("a", 2), Endpoints("b"));
        return (probe, first, await probe.NextAsync(Eds));
    }

    private async Task NamesInANackCountAsync(Variant on)
    {
        var (probe, _, second) = await PushAsync(on);

        await probe.NackAsync(second, "no", add: ["b"]);

        var third = await probe.NextAckedAsync(Eds);
        Assert.That(third.Names, Is.EqualTo("a,b"));
        Assert.That(third.BytesOf("a"), Is.EqualTo(Bytes(Endpoints("a"))));
        await probe.ExpectSilenceAsync();
    }
}
