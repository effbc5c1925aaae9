using System.Net;
using System.Threading.Channels;
using SelfHeal.Lab.Upstream;

namespace SelfHeal.Lab.Load;

/// <summary>
/// Open-loop load at a constant rate: how fast answers come does not change how fast requests are made, as with real
/// users. Requests are started on a fixed schedule; what cannot be started in time is shed and counted.
/// </summary>
public sealed class LoadGenerator : IAsyncDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(5);

    private readonly LoadOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpMessageInvoker _client;
    private readonly Uri _target;
    private readonly Channel<bool> _due;
    private readonly long _maxRequests;
    private readonly CancellationTokenSource _stop = new();
    private readonly LoadTally _tally = new();
    private Task _run = Task.CompletedTask;

    /// <summary>Prepares the load; nothing is sent before <see cref="Start"/>.</summary>
    /// <param name="baseAddress">Where requests go, such as Envoy's listener.</param>
    /// <param name="options">Rate and bounds.</param>
    /// <param name="time">The clock of schedule and stamps.</param>
    public LoadGenerator(Uri baseAddress, LoadOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(baseAddress);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.RequestsPerSecond);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.RequestsPerSecond, 10_000);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.MaxInFlight);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxInFlight, 4096);
        _options = options;
        _time = time;
        _maxRequests = options.MaxDuration.Ticks * options.RequestsPerSecond / TimeSpan.TicksPerSecond;
        _target = new Uri(baseAddress, options.Path);

        // As many wait as may be under way; a full queue sheds (the write fails and is counted), see LoadOptions.
        _due = Channel.CreateBounded<bool>(new BoundedChannelOptions(options.MaxInFlight) { SingleWriter = true });
        _client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            MaxConnectionsPerServer = options.MaxInFlight,
        });
    }

    /// <summary>The instants of failing answers: status 500 or above, or none at all.</summary>
    public InstantLog Failures { get; } = new();

    /// <summary>Completed when the load has ended, by itself or because it was stopped.</summary>
    public Task Ended => _run;

    /// <summary>Starts sending; a second call is an error.</summary>
    public void Start()
    {
        if (_run != Task.CompletedTask)
            throw new InvalidOperationException("the load was started already");
        _run = RunAsync();
    }

    /// <summary>The counts now.</summary>
    public LoadSnapshot Snapshot() => _tally.Snapshot();

    /// <summary>Stops sending, and returns when the requests under way have ended.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _run;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _client.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        var workers = new Task[_options.MaxInFlight];
        for (var i = 0; i < workers.Length; i++)
            workers[i] = WorkAsync();
        try
        {
            await ScheduleAsync();
        }
        finally
        {
            _due.Writer.Complete();
            await Task.WhenAll(workers);
        }
    }

    private async Task ScheduleAsync()
    {
        using var timer = new PeriodicTimer(Tick, _time);
        var start = _time.GetTimestamp();
        var scheduled = 0L;
        try
        {
            // Bounded by MaxDuration. A late tick makes up for what it missed, up to the queue's bound.
            while (scheduled < _maxRequests && await timer.WaitForNextTickAsync(_stop.Token))
            {
                var due = _time.GetElapsedTime(start).Ticks * _options.RequestsPerSecond / TimeSpan.TicksPerSecond;
                for (; scheduled < Math.Min(due, _maxRequests); scheduled++)
                {
                    if (!_due.Writer.TryWrite(true))
                        _tally.CountShed();
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Stopped by its owner: the requests under way end by themselves.
        }
    }

    private async Task WorkAsync()
    {
        await foreach (var _ in _due.Reader.ReadAllAsync())
            await SendAsync();
    }

    private async Task SendAsync()
    {
        _tally.CountSent();
        using var timeout = new CancellationTokenSource(_options.RequestTimeout, _time);
        using var request = new HttpRequestMessage(HttpMethod.Get, _target) { Headers = { Host = _options.Host } };
        try
        {
            using var response = await _client.SendAsync(request, timeout.Token);
            await response.Content.CopyToAsync(Stream.Null, timeout.Token);
            var version = response.Headers.TryGetValues(UpstreamServer.VersionHeader, out var values)
                ? values.First()
                : string.Empty;
            _tally.CountAnswer(version, (int)response.StatusCode);
            if (response.StatusCode >= HttpStatusCode.InternalServerError)
                Failures.Add(_time.GetUtcNow());
        }
        catch (Exception exception) when (
            exception is HttpRequestException or IOException or OperationCanceledException)
        {
            _tally.CountTransportError();
            Failures.Add(_time.GetUtcNow());
        }
    }
}
