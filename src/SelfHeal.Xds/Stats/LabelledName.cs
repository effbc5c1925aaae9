using System.Text;

namespace SelfHeal.Xds.Stats;

/// <summary>
/// Envoy's labels mode cuts tags out of the name: <c>cluster.upstream_rq</c> with <c>envoy.cluster_name=pay</c> and
/// <c>envoy.response_code=503</c>. Put back where they were, they give the full name again; and as Envoy takes a
/// cluster's name only up to the first dot, putting it back also mends names with dots. Istio names the same tags
/// without <c>envoy.</c> and cuts a code class out whole.
/// </summary>
internal static class LabelledName
{
    /// <summary>The full name of a name and its labels; the bare name where its labels say nothing known. Asked once
    /// per series.</summary>
    public static byte[] Restore(ReadOnlySpan<byte> name, ReadOnlySpan<byte> labels)
    {
        var full = name.ToArray();
        while (TryNext(ref labels, out var label, out var value))
            full = Restore(full, label.StartsWith("envoy."u8) ? label["envoy."u8.Length..] : label, value);
        return full;
    }

    /// <summary>Whether the series is one worker's share: without the label it would look like the whole, and be
    /// counted twice.</summary>
    public static bool IsOfWorker(ReadOnlySpan<byte> labels)
    {
        while (TryNext(ref labels, out var label, out _))
        {
            if (label.SequenceEqual("envoy.worker_id"u8) || label.SequenceEqual("worker_id"u8))
                return true;
        }

        return false;
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

    private static byte[] Restore(byte[] name, ReadOnlySpan<byte> label, ReadOnlySpan<byte> value)
    {
        var bytes = name.AsSpan();
        if (label.SequenceEqual("cluster_name"u8))
            return AfterPrefix(name, "cluster."u8, value);
        if (label.SequenceEqual("http_conn_manager_prefix"u8))
        {
            return bytes.StartsWith("http."u8)
                ? AfterPrefix(name, "http."u8, value)
                : AfterMarker(name, ".http."u8, value);
        }

        if (label.SequenceEqual("listener_address"u8))
            return AfterPrefix(name, "listener."u8, value);
        if (label.SequenceEqual("rds_route_config"u8))
            return AfterMarker(name, ".rds."u8, value);
        var isClass = label.SequenceEqual("response_code_class"u8);
        if (isClass && bytes.EndsWith("_rq_xx"u8))
            return [.. bytes[..^2], .. value, .. "xx"u8];
        return (isClass || label.SequenceEqual("response_code"u8)) && bytes.EndsWith("_rq"u8)
            ? [.. bytes, (byte)'_', .. value]
            : name;
    }

    private static byte[] AfterPrefix(byte[] name, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> value) =>
        name.AsSpan().StartsWith(prefix) ? [.. prefix, .. value, (byte)'.', .. name.AsSpan(prefix.Length)] : name;

    private static byte[] AfterMarker(byte[] name, ReadOnlySpan<byte> marker, ReadOnlySpan<byte> value)
    {
        // Another tag before the marker may have been cut out: http.rds.x is http.P.rds.x.
        var end = name.AsSpan().IndexOf(marker) + marker.Length;
        return end < marker.Length ? name : [.. name.AsSpan(0, end), .. value, (byte)'.', .. name.AsSpan(end)];
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
}
