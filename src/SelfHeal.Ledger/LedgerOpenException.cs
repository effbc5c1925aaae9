namespace SelfHeal.Ledger;

/// <summary>A ledger file could not be opened: the environment is broken and a human has to look.</summary>
public sealed class LedgerOpenException : IOException
{
    /// <summary>Names the file, what was expected of it and what was found.</summary>
    /// <param name="path">The ledger file.</param>
    /// <param name="expected">What was expected.</param>
    /// <param name="found">What was found instead.</param>
    /// <param name="innerException">What the system said; null when we noticed ourselves.</param>
    public LedgerOpenException(string path, string expected, string found, Exception? innerException = null)
        : base($"Ledger {path}: expected {expected}; found {found}", innerException)
    {
        Path = path;
        Expected = expected;
        Found = found;
    }

    /// <summary>The ledger file.</summary>
    public string Path { get; }

    /// <summary>What was expected.</summary>
    public string Expected { get; }

    /// <summary>What was found instead.</summary>
    public string Found { get; }
}
