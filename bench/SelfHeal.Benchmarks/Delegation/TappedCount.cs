namespace SelfHeal.Benchmarks.Delegation;

/// <summary>What a client was sent.</summary>
/// <param name="Responses">Messages.</param>
/// <param name="Bytes">Of all messages.</param>
/// <param name="UnchangedBytes">Of resources that the client had already, byte for byte.</param>
/// <param name="Removed">Names that were said to be gone, in the incremental variant.</param>
internal readonly record struct TappedCount(int Responses, long Bytes, long UnchangedBytes, int Removed)
{
    public static TappedCount operator +(TappedCount left, TappedCount right) => new(
        left.Responses + right.Responses,
        left.Bytes + right.Bytes,
        left.UnchangedBytes + right.UnchangedBytes,
        left.Removed + right.Removed);

    public static TappedCount operator -(TappedCount left, TappedCount right) => new(
        left.Responses - right.Responses,
        left.Bytes - right.Bytes,
        left.UnchangedBytes - right.UnchangedBytes,
        left.Removed - right.Removed);
}
