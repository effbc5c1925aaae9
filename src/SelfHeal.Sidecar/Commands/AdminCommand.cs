namespace SelfHeal.Sidecar.Commands;

/// <summary>What every command that asks the running process does: find it, ask, and say clearly what failed.</summary>
internal static class AdminCommand
{
    /// <summary>Opens a client, runs a command with it, and turns failures into exit codes.</summary>
    /// <param name="environment">What the command sees of the world.</param>
    /// <param name="admin">The value of <c>--admin</c>; null when it was not given.</param>
    /// <param name="run">The command; returns the first reply that was no answer, or null when all went well.</param>
    public static async Task<int> RunAsync(
        CommandEnvironment environment, string? admin, Func<AdminClient, Task<AdminReply?>> run)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(run);
        var location = admin ?? environment.Variable(CommonOptions.AdminVariable) ?? CommonOptions.AdminDefault;
        using var client = AdminClient.TryCreate(location);
        if (client is null)
        {
            await environment.Error.WriteLineAsync(
                $"selfheal: '{location}' is no place of an admin API; expected http://HOST:PORT or unix:/PATH");
            return ExitCode.Usage;
        }

        switch (await run(client))
        {
            case null:
                return ExitCode.Ok;
            case AdminReply.Refused refused:
                await environment.Error.WriteLineAsync($"selfheal: {refused.What}");
                return ExitCode.Failed;
            case AdminReply.Unreachable unreachable:
                await environment.Error.WriteLineAsync(
                    $"selfheal: the running process cannot be reached ({unreachable.Why}); {client.Hint}");
                return ExitCode.Unreachable;
            default:
                throw new InvalidOperationException("a command returns only replies that are no answer");
        }
    }
}
