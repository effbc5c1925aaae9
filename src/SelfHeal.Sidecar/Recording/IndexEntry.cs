using SelfHeal.Core.Recording;

namespace SelfHeal.Sidecar.Recording;

/// <summary>One chunk that a seek needs: a start, names, ledger entries, or a key.</summary>
/// <param name="Offset">Where its header begins.</param>
/// <param name="Kind">What it holds.</param>
/// <param name="First">The time of its first step, or of the one that follows it.</param>
internal readonly record struct IndexEntry(long Offset, ChunkKind Kind, DateTimeOffset First);
