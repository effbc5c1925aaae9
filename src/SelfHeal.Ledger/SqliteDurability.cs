namespace SelfHeal.Ledger;

/// <summary>What SQLite promises about a commit, as read back from the very connection that appends.</summary>
/// <param name="JournalMode"><c>wal</c>.</param>
/// <param name="SynchronousLevel">2, which is FULL: the write-ahead log is flushed before a commit returns. Level 1
/// would flush at checkpoints only, so that a power cut could take answered entries with it.</param>
public sealed record SqliteDurability(string JournalMode, int SynchronousLevel);
