using System.Text;

namespace SelfHeal.Xds.Stats;

/// <summary>
/// Reads node id and cluster of a <c>StreamMetricsMessage.Identifier</c>. By hand and not with the generated type,
/// because the node's metadata may be deep and large, and nothing here reads it.
/// </summary>
internal static class IdentifierReader
{
    /// <summary>Reads the identifier; an error's offset is relative to its first byte.</summary>
    public static bool TryRead(
        ReadOnlySpan<byte> identifier,
        ref string? node,
        ref string? nodeCluster,
        out MetricsStreamErrorCode error,
        out int offset)
    {
        var cursor = new WireCursor(identifier);
        while (cursor.TryTag(out var field, out var wireType))
        {
            if (field != 1)
            {
                cursor.TrySkip(wireType);
                continue;
            }

            if (!cursor.Expect(wireType, WireCursor.Delimited) || !cursor.TryContent(out var content))
                break;
            var start = cursor.Position - content.Length;
            var inner = new WireCursor(content);
            ReadNode(ref inner, ref node, ref nodeCluster);
            if (inner.Error != MetricsStreamErrorCode.None)
                cursor.Fail(inner.Error, start + inner.ErrorOffset);
        }

        error = cursor.Error;
        offset = cursor.ErrorOffset;
        return error == MetricsStreamErrorCode.None;
    }

    private static void ReadNode(ref WireCursor cursor, ref string? node, ref string? nodeCluster)
    {
        while (cursor.TryTag(out var field, out var wireType))
        {
            if (field is not (1 or 2))
                cursor.TrySkip(wireType);
            else if (!cursor.Expect(wireType, WireCursor.Delimited) || !cursor.TryContent(out var text))
                return;
            else if (field == 1)
                node = Encoding.UTF8.GetString(text);
            else
                nodeCluster = Encoding.UTF8.GetString(text);
        }
    }
}
