using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace SelfHeal.UnitTests.Sidecar;

/// <summary>Keeps what was logged, so that a test can wait for it and refuse errors that it did not expect.</summary>
internal sealed class LogRecorder
{
    private readonly ConcurrentQueue<(LogLevel Level, int Id, string Text)> _entries = new();

    public IEnumerable<string> Errors =>
        _entries.Where(static e => e.Level >= LogLevel.Error).Select(static e => e.Text);

    public ILogger<T> Create<T>() => new Recorder<T>(this);

    public IReadOnlyList<string> Texts(int eventId) =>
        [.. _entries.Where(e => e.Id == eventId).Select(static e => e.Text)];

    public int Count(int eventId) => _entries.Count(e => e.Id == eventId);

    public Task WaitForAsync(int eventId, int times = 1) =>
        Eventually.HoldsAsync(() => Count(eventId) >= times, $"log event {eventId}, {times} times");

    private sealed class Recorder<T>(LogRecorder owner) : ILogger<T>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter) =>
            owner._entries.Enqueue((logLevel, eventId.Id, formatter(state, exception)));
    }
}
