using SelfHeal.Sidecar.Demo;
using Spectre.Console;

namespace SelfHeal.UnitTests.Sidecar.Demo;

internal sealed class DemoScreenTests
{
    private static readonly DateTimeOffset Start = new(2026, 4, 12, 3, 17, 42, TimeSpan.Zero);

    [Test]
    public void LineScreen_SameFrameTwice_PrintsEachEventOnceAndOneState()
    {
        var text = new StringWriter { NewLine = "\n" };
        var screen = new LineScreen(Console(text));
        screen.Update(Frame());
        screen.Update(Frame());

        Assert.That(
            text.ToString(),
            Is.EqualTo(
                """
                +  0.00s  lab       onset              v2 starts to fail
                +  2.50s  selfheal  breach             v2 [30 %]
                +  2.50s  lab       state              v1 weight 90: 180/s, 0.0/s failing; diagnosed, waiting

                """));
    }

    [Test]
    public async Task LiveScreen_TextWithBrackets_IsNotTakenForMarkup()
    {
        var text = new StringWriter();
        var screen = new LiveScreen(Console(text));
        var shown = await screen.ShowAsync(() =>
        {
            screen.Update(Frame());
            return Task.FromResult(42);
        });

        Assert.That(shown, Is.EqualTo(42));
        Assert.That(text.ToString(), Does.Contain("v2 [30 %]"));
    }

    private static IAnsiConsole Console(StringWriter text) =>
        AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text) });

    private static DemoFrame Frame() => new(
        Start.AddSeconds(2.5),
        TimeSpan.FromSeconds(2.5),
        "diagnosed",
        "waiting",
        Progress: 0.5,
        [new DemoVersionRow("v1", 90, 180, 0, 0)],
        [
            new DemoEvent(Start, "lab", "onset", "v2 starts to fail"),
            new DemoEvent(Start.AddSeconds(2.5), "selfheal", "breach", "v2 [30 %]"),
        ]);
}
