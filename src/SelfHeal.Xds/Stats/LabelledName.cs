namespace SelfHeal.Xds.Stats;

/// <summary>
/// Envoy's labels mode cuts tags out of the name: <c>cluster.upstream_rq_xx</c> with <c>envoy.cluster_name=pay</c> and
/// <c>envoy.response_code_class=5</c>. Put back where they were, they give the full name again; and as Envoy takes a
/// cluster's name only up to the first dot, putting it back also mends names with dots.
/// </summary>
internal static class LabelledName
{
    /// <summary>Ends the name and every label's name and value within a key; no UTF-8 text holds this byte.</summary>
    public const byte Separator = 0xFF;

    /// <summary>The full name of a key of name and labels; the bare name where its labels say nothing known.</summary>
    public static ReadOnlySpan<byte> Restore(ReadOnlySpan<byte> key, int nameLength)
    {
        var name = key[..nameLength];
        var rest = key[(nameLength + 1)..];
        while (TryNext(ref rest, out var label) && TryNext(ref rest, out var value))
        {
            if (label.SequenceEqual("envoy.cluster_name"u8) && name.StartsWith("cluster."u8))
                name = Insert(name, "cluster."u8.Length, value, (byte)'.');
            else if (label.SequenceEqual("envoy.http_conn_manager_prefix"u8) && name.StartsWith("http."u8))
                name = Insert(name, "http."u8.Length, value, (byte)'.');
            else if (label.SequenceEqual("envoy.response_code_class"u8) && name.EndsWith("_rq_xx"u8))
                name = Insert(name, name.Length - "xx"u8.Length, value, end: 0);
        }

        return name;
    }

    private static bool TryNext(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> part)
    {
        var end = rest.IndexOf(Separator);
        part = end < 0 ? default : rest[..end];
        rest = end < 0 ? default : rest[(end + 1)..];
        return end >= 0;
    }

    private static byte[] Insert(ReadOnlySpan<byte> name, int place, ReadOnlySpan<byte> value, byte end)
    {
        var hasEnd = end != 0;
        var whole = new byte[name.Length + value.Length + (hasEnd ? 1 : 0)];
        name[..place].CopyTo(whole);
        value.CopyTo(whole.AsSpan(place));
        if (hasEnd)
            whole[place + value.Length] = end;
        name[place..].CopyTo(whole.AsSpan(whole.Length - (name.Length - place)));
        return whole;
    }
}
