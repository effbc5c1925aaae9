using System.Text;

namespace SelfHeal.Xds.Stats;

/// <summary>
/// Envoy's labels mode cuts tags out of the name: <c>cluster.upstream_rq_xx</c> with <c>envoy.cluster_name=pay</c> and
/// <c>envoy.response_code_class=5</c>. Put back where they were, they give the full name again; and as Envoy takes a
/// cluster's name only up to the first dot, putting it back also mends names with dots.
/// </summary>
internal static class LabelledName
{
    /// <summary>The full name of a name and its labels; the bare name where its labels say nothing known.</summary>
    public static ReadOnlySpan<byte> Restore(ReadOnlySpan<byte> name, ReadOnlySpan<byte> labels)
    {
        while (TryNext(ref labels, out var label, out var value))
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

    /// <summary>Name and labels as text, as Prometheus writes them.</summary>
    public static string Identity(ReadOnlySpan<byte> name, ReadOnlySpan<byte> labels)
    {
        var text = Encoding.UTF8.GetString(name);
        if (labels.IsEmpty)
            return text;
        var all = new StringBuilder(text).Append('{');
        while (TryNext(ref labels, out var label, out var value))
        {
            all.Append(Encoding.UTF8.GetString(label)).Append("=\"").Append(Encoding.UTF8.GetString(value));
            all.Append("\",");
        }

        return all.Append('}').ToString();
    }

    /// <summary>The next label pair; both were read and written anew by the reader, name first.</summary>
    private static bool TryNext(
        ref ReadOnlySpan<byte> labels, out ReadOnlySpan<byte> label, out ReadOnlySpan<byte> value)
    {
        label = default;
        value = default;
        var cursor = new WireCursor(labels);
        if (!cursor.TryTag(out _, out _) || !cursor.TryContent(out var pair))
            return false;
        labels = labels[cursor.Position..];
        var inner = new WireCursor(pair);
        return inner.TryTag(out _, out _) && inner.TryContent(out label)
            && inner.TryTag(out _, out _) && inner.TryContent(out value);
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
