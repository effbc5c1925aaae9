using SelfHeal.Core.Control;
using SelfHeal.Core.Time;
using SelfHeal.Sidecar.Judgement;
using SelfHeal.UnitTests.Control;
using SelfHeal.UnitTests.Ledger;
using SelfHeal.UnitTests.Time;

namespace SelfHeal.UnitTests.Sidecar.Judgement;

internal sealed class ControlQueriesTests
{
    private readonly SimulatedTimeProvider _time = new();
    private ControlQueries _queries = null!; // Set before each test.
    private ControlLoop _loop = null!; // Set before each test.

    [SetUp]
    public void SetUp()
    {
        _queries = new ControlQueries(_time);
        _loop = new ControlLoop(TestOptions.Default(TimeSpan.FromSeconds(5)), [], default);
    }

    [Test]
    public async Task AskAsync_LoopAnswers_GetsWhatItHolds()
    {
        var asked = _queries.AskAsync(static (loop, now) => $"{loop.Loads.Rows} {now.MonotonicNanos}", default);
        Assert.That(asked.IsCompleted, Is.False);

        _queries.Answer(_loop, new ControlTime(7, default));

        Assert.That(await asked.InTime(), Is.EqualTo("0 7"));
    }

    [Test]
    public async Task AskAsync_QuestionThatFails_FailsTheAskerOnly()
    {
        var bad = _queries.AskAsync<string>(
            static (_, _) => throw new InvalidOperationException("no"), CancellationToken.None);
        var good = _queries.AskAsync(static (_, _) => "yes", CancellationToken.None);

        _queries.Answer(_loop, default);

        Assert.That(async () => await bad.InTime(), Throws.InvalidOperationException);
        Assert.That(await good.InTime(), Is.EqualTo("yes"));
    }

    [Test]
    public async Task Close_WaitingAndLaterAskers_GetNoAnswer()
    {
        var waiting = _queries.AskAsync(static (_, _) => "yes", CancellationToken.None);

        _queries.Close();

        Assert.That(await waiting.InTime(), Is.Null);
        Assert.That(await _queries.AskAsync(static (_, _) => "yes", CancellationToken.None).InTime(), Is.Null);
    }

    [Test]
    public async Task AskAsync_LoopThatHangs_GivesUp()
    {
        var asked = _queries.AskAsync(static (_, _) => "yes", CancellationToken.None);

        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.That(await asked.InTime(), Is.Null);
    }

    [Test]
    public async Task AskAsync_TooManyAtOnce_GetNoAnswer()
    {
        var asked = Enumerable.Range(0, 65)
            .Select(_ => _queries.AskAsync(static (_, _) => "yes", CancellationToken.None)).ToList();

        Assert.That(await asked[^1].InTime(), Is.Null);
        _queries.Answer(_loop, default);
        Assert.That(await asked[0].InTime(), Is.EqualTo("yes"));
    }
}
