using System.Threading.Channels;
using SelfHeal.Core.Remediation;

namespace SelfHeal.Sidecar.Overlays;

/// <summary>
/// The line in which everything waits that one configuration's loop does in turn, and the ways for others to change its
/// overlays. Anybody may stand in line; one loop takes from it.
/// </summary>
/// <param name="book">The overlays; touched by the loop only.</param>
/// <param name="refresh">Serves what the overlays are now.</param>
/// <param name="onDone">Told after each command what became of it; null: it was done.</param>
/// <param name="prepare">Done before a change that somebody waits for, so that it is judged by what is there; null:
/// nothing.</param>
internal sealed class OverlayCommands(
    OverlayBook book, Action refresh, Action<Exception?> onDone, Action? prepare = null)
{
    // Overlays come one at a time per service and are awaited by nobody but their callers. A herd that rejects a
    // rollout may fill it: what finds no place says the same as what did, or will be said again.
    private const int Limit = 1024;

    private readonly Channel<Action> _line = Channel.CreateBounded<Action>(
        new BoundedChannelOptions(Limit) { SingleReader = true });

    /// <summary>Puts something in line; never waits.</summary>
    /// <param name="command">What the loop is to do.</param>
    /// <returns>False if there is no place.</returns>
    public bool TryPost(Action command) => _line.Writer.TryWrite(command);

    /// <summary>Lays an overlay of the control loop on and pushes.</summary>
    /// <param name="overlay">The change.</param>
    /// <param name="cancellationToken">Gives up waiting for a place in line.</param>
    public ValueTask ApplyAsync(WeightOverlay overlay, CancellationToken cancellationToken) =>
        _line.Writer.WriteAsync(() => Change(book => book.Put(overlay)), cancellationToken);

    /// <summary>Takes an overlay of the control loop away and pushes.</summary>
    /// <param name="overlayId">The overlay; one that is not there is no error.</param>
    /// <param name="cancellationToken">Gives up waiting for a place in line.</param>
    public ValueTask WithdrawAsync(string overlayId, CancellationToken cancellationToken) =>
        _line.Writer.WriteAsync(
            () => Change(book => book.TryRemove(overlayId, LoopOverlay.Owner, "the control loop withdrew it")),
            cancellationToken);

    /// <summary>Changes the overlays in turn with everything else, pushes, and answers when that is done.</summary>
    /// <param name="change">What to do with them.</param>
    /// <param name="answer">What to say of it, once it is served.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task<TAnswer> ChangeAsync<TChange, TAnswer>(
        Func<OverlayBook, TChange> change,
        Func<OverlayBook, TChange, TAnswer> answer,
        CancellationToken cancellationToken)
    {
        var answered = new TaskCompletionSource<TAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        await _line.Writer.WriteAsync(
            () =>
            {
                try
                {
                    prepare?.Invoke();
                    answered.TrySetResult(answer(book, Change(change)));
                }
                catch (Exception error)
                {
                    answered.TrySetException(error);
                    throw; // Whoever owns the loop hears of it too.
                }
            },
            cancellationToken);
        return await answered.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Takes away what has outlived its expiry; on the loop.</summary>
    public void Expire() => Change(static book =>
    {
        book.Expire();
        return true;
    });

    /// <summary>Does one thing now; on the loop, or before it runs.</summary>
    /// <param name="command">What.</param>
    public void Run(Action command)
    {
        try
        {
            command();
            onDone(null);
        }
        catch (Exception error)
        {
            // A defect of ours. It must end neither hot reload nor the withdrawal of overlays.
            onDone(error);
        }
    }

    /// <summary>The loop: does what stands in line, and something at each tick, until it is cancelled.</summary>
    /// <param name="interval">Between ticks.</param>
    /// <param name="tick">What is to be done at each.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunAsync(
        TimeSpan interval, Action tick, TimeProvider time, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(interval, time);
        var next = timer.WaitForNextTickAsync(cancellationToken).AsTask();
        var command = _line.Reader.WaitToReadAsync(cancellationToken).AsTask();
        while (true)
        {
            if (await Task.WhenAny(next, command) == next)
            {
                if (!await next)
                    return;
                tick();
                next = timer.WaitForNextTickAsync(cancellationToken).AsTask();
                continue;
            }

            await command;
            while (_line.Reader.TryRead(out var action))
                Run(action);
            command = _line.Reader.WaitToReadAsync(cancellationToken).AsTask();
        }
    }

    private void Change(Action<OverlayBook> change) => Change(book =>
    {
        change(book);
        return true;
    });

    private T Change<T>(Func<OverlayBook, T> change)
    {
        var before = book.Version;
        var result = change(book);
        if (book.Version != before)
            refresh();
        return result;
    }
}
