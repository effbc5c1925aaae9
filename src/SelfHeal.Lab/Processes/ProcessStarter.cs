using System.Collections.Concurrent;
using System.Diagnostics;

namespace SelfHeal.Lab.Processes;

/// <summary>
/// Starts child processes from one thread that lives as long as this process. Envoy asks the kernel for SIGTERM when
/// its parent dies (prctl PR_SET_PDEATHSIG), and to the kernel the parent is the thread that forked it: started from
/// the thread pool, an Envoy ends as soon as the pool retires that thread, half a minute later or never.
/// </summary>
internal static class ProcessStarter
{
    // A few starts at a time at most; a caller waits for its own.
    private static readonly BlockingCollection<(Process Process, TaskCompletionSource Started)> Requests = [];

    static ProcessStarter() => new Thread(Run) { IsBackground = true, Name = "process starter" }.Start();

    /// <summary>Starts a process and waits until it is started.</summary>
    /// <param name="process">With its start information set.</param>
    public static void Start(Process process)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Requests.Add((process, started));
        started.Task.GetAwaiter().GetResult();
    }

    private static void Run()
    {
        foreach (var (process, started) in Requests.GetConsumingEnumerable())
        {
            try
            {
                process.Start();
                started.SetResult();
            }
            catch (Exception error)
            {
                started.SetException(error); // Told to the caller, whose request it was.
            }
        }
    }
}
