using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace SelfHeal.FunctionalTests;

/// <summary>
/// Keeps what was logged at Warning and above, so that a fixture can refuse what its test did not expect.
/// </summary>
internal sealed class LogCollector : ILoggerProvider
{
    public ConcurrentQueue<(LogLevel Level, string Category, string Text)> Entries { get; } = [];

    /// <summary>Every text of every level, where a test has asked for them.</summary>
    public ConcurrentQueue<string> All { get; } = [];

    /// <summary>Whether <see cref="All"/> is kept.</summary>
    public bool KeepsAll { get; init; }

    public IEnumerable<string> Errors =>
        Entries.Where(e => e.Level >= LogLevel.Error).Select(e => $"{e.Category}: {e.Text}");

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
    }

    private sealed class Logger(LogCollector owner, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => owner.KeepsAll || logLevel >= LogLevel.Warning;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (owner.KeepsAll)
                owner.All.Enqueue($"{formatter(state, exception)} {exception}");
            if (logLevel >= LogLevel.Warning)
                owner.Entries.Enqueue((logLevel, category, $"{formatter(state, exception)} {exception}"));
        }
    }
}
