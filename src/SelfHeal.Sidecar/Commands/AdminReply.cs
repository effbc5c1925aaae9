namespace SelfHeal.Sidecar.Commands;

/// <summary>What came back from the admin API.</summary>
internal abstract record AdminReply
{
    /// <summary>The answer.</summary>
    /// <param name="Body">As sent.</param>
    internal sealed record Answered(byte[] Body) : AdminReply;

    /// <summary>The process is there and says no.</summary>
    /// <param name="What">What went wrong, and what was expected.</param>
    internal sealed record Refused(string What) : AdminReply;

    /// <summary>Nobody is there, or somebody else.</summary>
    /// <param name="Why">The reason.</param>
    internal sealed record Unreachable(string Why) : AdminReply;
}
