using Microsoft.Extensions.Hosting;

namespace SelfHeal.Lab.Upstream;

/// <summary>
/// The lab's servers end with their owners and with nobody else: the usual lifetime takes the process's SIGINT and
/// SIGTERM for itself, so a Ctrl+C would be swallowed by the first of several servers.
/// </summary>
internal sealed class LabHostLifetime : IHostLifetime
{
    /// <inheritdoc/>
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
