using System.Buffers.Binary;

namespace SelfHeal.Xds.Stats;

/// <summary>
/// A hash of names, sixteen bytes a step. Its secrets come from the runtime's own, new in every process, so a peer
/// cannot choose names that collide; it orders buckets only and reaches no output.
/// </summary>
internal static class SeriesHash
{
    private static readonly ulong First = Secret(1);
    private static readonly ulong Second = Secret(3);

    /// <summary>The hash of a series' name, labels and kind.</summary>
    public static uint Of(ReadOnlySpan<byte> name, ReadOnlySpan<byte> labels, byte kind)
    {
        // Hot path: allocation-free.
        var hash = Of(name, First ^ kind);
        if (!labels.IsEmpty)
            hash = Of(labels, hash);
        return (uint)(hash ^ (hash >> 32));
    }

    private static ulong Of(ReadOnlySpan<byte> bytes, ulong hash)
    {
        var length = (ulong)bytes.Length;
        while (bytes.Length >= 16)
        {
            var low = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            var high = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]);
            hash = Mix(low ^ Second, high ^ hash);
            bytes = bytes[16..];
        }

        ulong rest = 0;
        ulong more = 0;
        if (bytes.Length >= 8)
        {
            rest = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            more = BinaryPrimitives.ReadUInt64LittleEndian(bytes[^8..]);
        }
        else
        {
            foreach (var one in bytes)
                rest = (rest << 8) | one;
        }

        return Mix(rest ^ Second ^ length, more ^ hash);
    }

    private static ulong Mix(ulong left, ulong right)
    {
        var high = Math.BigMul(left, right, out var low);
        return high ^ low;
    }

    private static ulong Secret(int number) =>
        ((ulong)(uint)HashCode.Combine(number) << 32) | (uint)HashCode.Combine(number + 1) | 1;
}
