namespace SelfHeal.Benchmarks.Delegation;

/// <summary>What a client was sent.</summary>
/// <param name="Responses">Messages.</param>
/// <param name="Bytes">Of all messages.</param>
/// <param name="UnchangedBytes">Of resources that the client had already, byte for byte; without the endpoints of a
/// cluster that was sent before them, which Envoy waits for.</param>
/// <param name="Removed">Names that were said to be gone, in the incremental variant.</param>
/// <param name="Reordered">Clusters that mean what the client has and have other bytes: Istiod writes maps in any
/// order.</param>
internal readonly record struct TappedCount(
    int Responses, long Bytes, long UnchangedBytes, int Removed, int Reordered)
{
    public static TappedCount operator +(TappedCount left, TappedCount right) => new(
        left.Responses + right.Responses,
        left.Bytes + right.Bytes,
        left.UnchangedBytes + right.UnchangedBytes,
        left.Removed + right.Removed,
        left.Reordered + right.Reordered);

    public static TappedCount operator -(TappedCount left, TappedCount right) => new(
        left.Responses - right.Responses,
        left.Bytes - right.Bytes,
        left.UnchangedBytes - right.UnchangedBytes,
        left.Removed - right.Removed,
        left.Reordered - right.Reordered);
}
