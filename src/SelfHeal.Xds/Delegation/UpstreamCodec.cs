using System.Collections.Immutable;
using SelfHeal.Xds.Accepted;
using SelfHeal.Xds.Resources;

namespace SelfHeal.Xds.Delegation;

/// <summary>Files of what an upstream gave a node. Secrets are not in them.</summary>
public static class UpstreamCodec
{
    /// <summary>
    /// The part that may be kept on disk: no secret, and nothing that may hold one. Where a cluster, a listener or a
    /// scoped route would be missing, whose absence deletes it, nothing is kept.
    /// </summary>
    /// <param name="contents">All that was given.</param>
    /// <returns>Null if it cannot be kept, for the reason that <paramref name="withheld"/> names.</returns>
    /// <param name="withheld">The first resource without which the rest is of no use; empty if there is none.</param>
    public static UpstreamContents? WithoutSecrets(UpstreamContents contents, out string withheld)
    {
        ArgumentNullException.ThrowIfNull(contents);
        withheld = string.Empty;
        var types = contents.Types.Clear();
        foreach (var (typeUrl, type) in contents.Types)
        {
            if (typeUrl is TypeUrl.Secret)
                continue;
            var kept = type.Resources.RemoveAll(static each => SensitiveContent.Find(each.Resource) is not null);
            if (kept.Length < type.Resources.Length && TypeUrl.IsFullState(typeUrl))
            {
                var first = type.Resources.First(each => !kept.Contains(each)).Resource;
                withheld = $"{TypeUrl.FullName(typeUrl)} '{first.Name}': {SensitiveContent.Find(first)}";
                return null;
            }

            types = types.Add(typeUrl, type with { Resources = kept });
        }

        return new UpstreamContents(types);
    }

    /// <summary>The whole file.</summary>
    /// <param name="generation">Greater than that of the file before.</param>
    /// <param name="node">The node.</param>
    /// <param name="at">When it was given.</param>
    /// <param name="contents">What it is to hold.</param>
    public static byte[] Write(ulong generation, string node, DateTimeOffset at, UpstreamContents contents)
    {
        ArgumentNullException.ThrowIfNull(contents);
        var writer = new PayloadWriter();
        writer.Text(node);
        writer.Number(at.ToUnixTimeMilliseconds());
        writer.Number(contents.Types.Count);
        foreach (var (typeUrl, type) in contents.Types)
        {
            writer.Text(typeUrl);
            writer.Text(type.Version);
            writer.Number(type.Resources.Length);
            foreach (var (resource, version) in type.Resources)
            {
                writer.Text(resource.Name);
                writer.Text(version);
                writer.Bytes(resource.AnyBytes.Span);
                writer.Number(resource.Ttl?.Ticks ?? 0);
                writer.Number(resource.Aliases.Length);
                foreach (var alias in resource.Aliases)
                    writer.Text(alias);
            }
        }

        return StateEnvelope.Seal(StateKind.Upstream, generation, writer.Written);
    }

    /// <summary>Reads a file.</summary>
    /// <param name="file">Any bytes.</param>
    /// <param name="node">Whose it must be.</param>
    public static StateReading<UpstreamContents> Read(ReadOnlyMemory<byte> file, string node)
    {
        switch (StateEnvelope.Open(StateKind.Upstream, file))
        {
            case StateReading<ReadOnlyMemory<byte>>.Broken broken:
                return new StateReading<UpstreamContents>.Broken(broken.Problem);
            case StateReading<ReadOnlyMemory<byte>>.Read(var generation, var payload):
                var reader = new PayloadReader(payload.Span);
                if (!string.Equals(reader.Text(), node, StringComparison.Ordinal))
                    return new StateReading<UpstreamContents>.Broken($"it is of another node than '{node}'");
                var contents = ReadTypes(ref reader);
                return contents is not null && reader.IsComplete
                    ? new StateReading<UpstreamContents>.Read(generation, contents)
                    : new StateReading<UpstreamContents>.Broken("its content is not complete");
            default:
                throw new InvalidOperationException("a file is whole or it is not");
        }
    }

    private static UpstreamContents? ReadTypes(ref PayloadReader reader)
    {
        reader.Time();
        var types = ImmutableSortedDictionary.CreateBuilder<string, UpstreamTypeContents>(TypeUrl.Comparer);
        for (var left = reader.Count(); left > 0 && reader.IsSound; left--)
        {
            var (typeUrl, version, count) = (reader.Text(), reader.Text(), reader.Count());
            var resources = new List<UpstreamResource>();
            for (var each = 0; each < count && reader.IsSound; each++)
            {
                var (name, resourceVersion, any) = (reader.Text(), reader.Text(), reader.Bytes().ToArray());
                var ticks = reader.Number();
                var aliases = new List<string>();
                for (var more = reader.Count(); more > 0 && reader.IsSound; more--)
                    aliases.Add(reader.Text());
                TimeSpan? ttl = ticks > 0 ? TimeSpan.FromTicks(ticks) : null;
                if (XdsResource.FromAny(name, any, aliases, ttl) is not { } read
                    || !string.Equals(read.TypeUrl, typeUrl, StringComparison.Ordinal))
                    return null;
                resources.Add(new UpstreamResource(read, resourceVersion));
            }

            if (typeUrl.Length == 0 || types.ContainsKey(typeUrl))
                return null;
            types.Add(typeUrl, new UpstreamTypeContents(version, [.. resources]));
        }

        return new UpstreamContents(types.ToImmutable());
    }
}
