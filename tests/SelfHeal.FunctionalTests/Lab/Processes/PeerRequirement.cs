namespace SelfHeal.FunctionalTests.Lab.Processes;

/// <summary>Real peers are used where they exist; where they must exist, their absence is a failure.</summary>
internal static class PeerRequirement
{
    public const string Variable = "SELFHEAL_REQUIRE_PEERS";

    /// <summary>Returns what was found; otherwise the test is ignored, or failed when peers are required.</summary>
    public static string Needs(string? found, string what)
    {
        if (found is not null)
            return found;
        if (Environment.GetEnvironmentVariable(Variable) is "1")
            throw new AssertionException($"{what} is missing, and {Variable}=1 requires it");
        throw new IgnoreException($"{what} is missing");
    }
}
