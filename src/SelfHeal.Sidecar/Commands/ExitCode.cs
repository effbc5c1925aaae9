namespace SelfHeal.Sidecar.Commands;

/// <summary>How the process ends; documented in docs/commands.md.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Ok = 0;

    /// <summary>Something is wrong with what was looked at, or it could not be done.</summary>
    public const int Failed = 1;

    /// <summary>The command line is not understood.</summary>
    public const int Usage = 2;

    /// <summary>The running process cannot be reached.</summary>
    public const int Unreachable = 3;
}
