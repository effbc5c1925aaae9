using System.Globalization;
using SelfHeal.Sidecar.Commands;
using Spectre.Console;

namespace SelfHeal.Sidecar.Recording;

/// <summary>How far a long replay or import is: a bar for a person, and a line now and then for a log; always on
/// standard error, because standard output has the records.</summary>
internal static class ReplayProgress
{
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(2);

    /// <summary>Runs something that tells how far it is.</summary>
    /// <typeparam name="T">What it gives.</typeparam>
    /// <param name="environment">Where to show it.</param>
    /// <param name="what">What runs.</param>
    /// <param name="run">Takes where to tell the share that is done, from 0 to 1.</param>
    public static T Run<T>(CommandEnvironment environment, string what, Func<Action<double>, T> run)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(run);
        return environment.IsTerminal ? RunWithBar(environment, what, run) : RunWithLines(environment, what, run);
    }

    private static T RunWithBar<T>(CommandEnvironment environment, string what, Func<Action<double>, T> run)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(environment.Error) });
        return console.Progress()
            .AutoClear(true)
            .Columns(
                new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context =>
            {
                var task = context.AddTask(what, maxValue: 1);
                return run(share => task.Value = share);
            });
    }

    private static T RunWithLines<T>(CommandEnvironment environment, string what, Func<Action<double>, T> run)
    {
        var time = environment.Time;
        var told = time.GetTimestamp();
        return run(share =>
        {
            if (time.GetElapsedTime(told) < LineInterval)
                return;
            told = time.GetTimestamp();
            environment.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {share * 100:0} %"));
        });
    }
}
