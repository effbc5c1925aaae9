using SelfHeal.Lab.Processes;

namespace SelfHeal.Lab.Mesh;

/// <summary>Puts objects into a cluster and takes them out again.</summary>
/// <param name="commandLine">As a shell reads it, such as <c>kubectl --kubeconfig FILE</c>.</param>
/// <param name="logFile">Where its output is appended.</param>
/// <param name="time">The clock of waits.</param>
public sealed class Kubectl(string commandLine, string logFile, TimeProvider time)
{
    // An API server that takes longer is not there.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Applies the objects in a file.</summary>
    /// <param name="file">YAML.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public Task ApplyAsync(string file, CancellationToken cancellationToken) =>
        RunAsync(["apply", "-f", file], cancellationToken);

    /// <summary>Deletes the objects in a file; those that are not there are gone already.</summary>
    /// <param name="file">YAML.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public Task DeleteAsync(string file, CancellationToken cancellationToken) =>
        RunAsync(["delete", "--ignore-not-found", "--wait=false", "-f", file], cancellationToken);

    private async Task RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        string[] shell = ["-c", $"{commandLine} \"$@\"", "sh", .. arguments];
        await using var process = ChildProcess.Start("/bin/sh", shell, logFile, time);
        await process.WaitEndAsync(Patience, cancellationToken);
    }
}
