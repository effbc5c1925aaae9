using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

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

    /// <summary>Asks for a document and prints it.</summary>
    /// <typeparam name="T">The document.</typeparam>
    /// <param name="environment">Where it is printed.</param>
    /// <param name="client">Whom to ask.</param>
    /// <param name="path">Where the admin API has it.</param>
    /// <param name="type">How it is read; null prints it as JSON, as it came.</param>
    /// <param name="print">Prints it for people.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    /// <returns>The reply that was no answer; null when all went well.</returns>
    public static async Task<AdminReply?> AskAsync<T>(
        CommandEnvironment environment,
        AdminClient client,
        string path,
        JsonTypeInfo<T>? type,
        Action<T> print,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(print);
        var reply = await client.GetAsync(path, cancellationToken);
        if (reply is not AdminReply.Answered(var body))
            return reply;
        if (type is null)
        {
            await environment.Out.WriteLineAsync(Encoding.UTF8.GetString(body));
            return null;
        }

        if (!TryRead(body, type, out var answer))
            return new AdminReply.Unreachable("what answers there is not the admin API of selfheal");
        print(answer);
        return null;
    }

    private static bool TryRead<T>(byte[] body, JsonTypeInfo<T> type, [NotNullWhen(true)] out T? answer)
    {
        try
        {
            answer = JsonSerializer.Deserialize(body, type);
            return answer is not null;
        }
        catch (JsonException)
        {
            answer = default;
            return false;
        }
    }
}
