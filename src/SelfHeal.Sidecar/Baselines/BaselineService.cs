using System.Data.Common;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SelfHeal.Core.Control;
using SelfHeal.Core.Detection;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Judgement;

namespace SelfHeal.Sidecar.Baselines;

/// <summary>
/// Stores and reads baselines beside the control loop, which never waits for it: without an answer it judges by the
/// declared defaults and says so.
/// </summary>
internal sealed partial class BaselineService : BackgroundService
{
    // One hour is stored and one is read in an hour; more waiting means that the disk hangs, and the oldest goes.
    private const int WorkLimit = 8;
    private const string FileName = "baselines.db";

    private readonly string _path;
    private readonly ControlInbox _inbox;
    private readonly ILogger<BaselineService> _logger;
    private readonly Channel<ControlEffect> _work = Channel.CreateBounded<ControlEffect>(
        new BoundedChannelOptions(WorkLimit) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    public BaselineService(StateOptions state, ControlInbox inbox, ILogger<BaselineService> logger)
    {
        _path = Path.Combine(state.Directory, FileName);
        _inbox = inbox;
        _logger = logger;
    }

    /// <summary>Hands over one piece of work; never waits.</summary>
    /// <param name="effect">An hour to store or to read.</param>
    public void Post(ControlEffect effect) => _work.Writer.TryWrite(effect);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var store = Open();
        if (store is null)
            return;
        try
        {
            await foreach (var effect in _work.Reader.ReadAllAsync(stoppingToken))
                Work(store, effect);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What was handed over in the last moment is still stored.
            while (_work.Reader.TryRead(out var effect))
            {
                if (effect is ControlEffect.StoreBaselines)
                    Work(store, effect);
            }
        }
    }

    /// <summary>A file that is no store of baselines is put aside, and a new one begun.</summary>
    private BaselineStore? Open()
    {
        try
        {
            return BaselineStore.Open(_path);
        }
        catch (Exception first) when (first is DbException or IOException or UnauthorizedAccessException)
        {
            LogPutAside(_logger, _path, first.Message);
        }

        try
        {
            if (File.Exists(_path))
                File.Move(_path, _path + ".broken", overwrite: true);
            return BaselineStore.Open(_path);
        }
        catch (Exception second) when (second is DbException or IOException or UnauthorizedAccessException)
        {
            LogUnavailable(_logger, _path, second.Message);
            return null;
        }
    }

    private void Work(BaselineStore store, ControlEffect effect)
    {
        try
        {
            switch (effect)
            {
                case ControlEffect.StoreBaselines { Hour: var hour }:
                    store.Write(hour);
                    LogStored(_logger, hour.Rows.Length, hour.Hour);
                    break;
                case ControlEffect.ReadBaselines { Hour: var wanted }:
                    Answer(store.Read(wanted));
                    break;
            }
        }
        catch (Exception error) when (error is DbException or IOException or FormatException)
        {
            LogUnavailable(_logger, _path, error.Message);
        }
    }

    private void Answer(BaselineHour hour)
    {
        if (hour.Rows.IsEmpty)
            return;
        LogRead(_logger, hour.Rows.Length, hour.Hour);
        _inbox.Post(new ControlEvent.BaselinesRead(hour));
    }
}
