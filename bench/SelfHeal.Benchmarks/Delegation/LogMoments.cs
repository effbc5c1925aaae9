using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace SelfHeal.Benchmarks.Delegation;

/// <summary>What was logged and when, for who waits for it. Safe for use by several threads at once.</summary>
internal sealed class LogMoments : ILoggerProvider
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(1);

    private readonly ConcurrentQueue<LogMoment> _moments = new();

    public IEnumerable<string> Errors => _moments
        .Where(static moment => moment.Level >= LogLevel.Error)
        .Select(static moment => moment.Text);

    public ILogger CreateLogger(string categoryName) => new Logger(this);

    /// <summary>Waits for the first entry since an instant whose text has all these parts.</summary>
    /// <param name="since">Of <see cref="Stopwatch.GetTimestamp"/>.</param>
    /// <param name="patience">How long.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="parts">Of the text.</param>
    public async Task<LogMoment> WaitAsync(
        long since, TimeSpan patience, CancellationToken cancellationToken, params string[] parts)
    {
        var start = Stopwatch.GetTimestamp();
        using var look = new PeriodicTimer(LookInterval);
        while (Stopwatch.GetElapsedTime(start) < patience)
        {
            if (_moments.FirstOrDefault(moment => moment.At >= since
                && Array.TrueForAll(parts, part => moment.Text.Contains(part, StringComparison.Ordinal))) is { } found)
                return found;
            await look.WaitForNextTickAsync(cancellationToken);
        }

        throw new TimeoutException($"'{string.Join("...", parts)}' was not logged within {patience.TotalSeconds} s; "
            + $"at last: {string.Join(" | ", _moments.TakeLast(5).Select(static moment => moment.Text))}");
    }

    public void Dispose()
    {
        // Nothing is open.
    }

    private sealed class Logger(LogMoments owner) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                owner._moments.Enqueue(
                    new LogMoment(Stopwatch.GetTimestamp(), logLevel, $"{formatter(state, exception)} {exception}"));
        }
    }
}
