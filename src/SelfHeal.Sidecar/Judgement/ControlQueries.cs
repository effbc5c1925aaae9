using System.Threading.Channels;
using SelfHeal.Core.Control;
using SelfHeal.Core.Time;

namespace SelfHeal.Sidecar.Judgement;

/// <summary>
/// Questions to the control loop, answered by its own thread between two steps, so that what it keeps needs no lock and
/// costs nothing while nobody asks.
/// </summary>
/// <param name="time">The clock of waits.</param>
internal sealed class ControlQueries(TimeProvider time)
{
    // Steps are 50 ms apart; only a loop that waits for its disk takes longer.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // People and scripts ask; each answer takes milliseconds. Beyond it an asker is told that it is one too many.
    private const int WaitingMax = 64;

    private readonly Channel<Question> _questions = Channel.CreateBounded<Question>(
        new BoundedChannelOptions(WaitingMax) { SingleReader = true });

    /// <summary>Asks.</summary>
    /// <param name="answer">Reads the loop; runs on the control thread and must not keep it.</param>
    /// <param name="cancellationToken">The asker has gone.</param>
    /// <returns>The answer; null when the loop has ended or does not come to it, or too many are asking.</returns>
    public async Task<T?> AskAsync<T>(Func<ControlLoop, ControlTime, T> answer, CancellationToken cancellationToken)
        where T : class
    {
        var question = new Question<T>(answer);
        if (!_questions.Writer.TryWrite(question))
            return null;
        try
        {
            return await question.Answer.WaitAsync(Patience, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    /// <summary>Answers what was asked; called by the control thread between two steps.</summary>
    /// <param name="loop">The loop.</param>
    /// <param name="now">The time of the last step.</param>
    public void Answer(ControlLoop loop, ControlTime now)
    {
        while (_questions.Reader.TryRead(out var question))
            question.Run(loop, now);
    }

    /// <summary>The loop has ended: whoever asks or waits gets no answer.</summary>
    public void Close()
    {
        _questions.Writer.TryComplete();
        while (_questions.Reader.TryRead(out var question))
            question.GiveUp();
    }

    private abstract class Question
    {
        public abstract void Run(ControlLoop loop, ControlTime now);

        public abstract void GiveUp();
    }

    private sealed class Question<T>(Func<ControlLoop, ControlTime, T> answer) : Question
        where T : class
    {
        // The asker must not go on on the control thread.
        private readonly TaskCompletionSource<T?> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<T?> Answer => _source.Task;

        public override void Run(ControlLoop loop, ControlTime now)
        {
            try
            {
                _source.TrySetResult(answer(loop, now));
            }
            catch (Exception error)
            {
                // The asker's failure, not the loop's: nothing was changed.
                _source.TrySetException(error);
            }
        }

        public override void GiveUp() => _source.TrySetResult(null);
    }
}
