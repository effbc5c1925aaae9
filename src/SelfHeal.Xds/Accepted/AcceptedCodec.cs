using System.Collections.Immutable;
using SelfHeal.Xds.Resources;

namespace SelfHeal.Xds.Accepted;

/// <summary>Files of what was accepted and of last-known-goods. Secrets are not in them.</summary>
public static class AcceptedCodec
{
    private const long WithheldFlag = 1;
    private const long DeclaredFlag = 2;

    /// <summary>The whole file.</summary>
    /// <param name="kind"><see cref="StateKind.Accepted"/> or <see cref="StateKind.Verified"/>.</param>
    /// <param name="generation">Greater than that of the file before.</param>
    /// <param name="state">What it is to hold.</param>
    public static byte[] Write(StateKind kind, ulong generation, AcceptedState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var writer = new PayloadWriter();
        writer.Text(state.Group);
        writer.Number(state.At.ToUnixTimeMilliseconds());
        writer.Number(state.Since.ToUnixTimeMilliseconds());
        writer.Number(state.Types.Count);
        foreach (var (typeUrl, resources) in state.Types)
        {
            writer.Text(typeUrl);
            writer.Number(resources.Length);
            foreach (var resource in resources)
                Write(writer, resource);
        }

        return StateEnvelope.Seal(kind, generation, writer.Written);
    }

    /// <summary>Reads a file.</summary>
    /// <param name="kind">What it must hold.</param>
    /// <param name="file">Any bytes.</param>
    public static StateReading<AcceptedState> Read(StateKind kind, ReadOnlyMemory<byte> file)
    {
        switch (StateEnvelope.Open(kind, file))
        {
            case StateReading<ReadOnlyMemory<byte>>.Broken broken:
                return new StateReading<AcceptedState>.Broken(broken.Problem);
            case StateReading<ReadOnlyMemory<byte>>.Read(var generation, var payload):
                var problem = "its content is not complete";
                var state = Read(payload.Span, ref problem);
                return state is null
                    ? new StateReading<AcceptedState>.Broken(problem)
                    : new StateReading<AcceptedState>.Read(generation, state);
            default:
                throw new InvalidOperationException("a file is whole or it is not");
        }
    }

    private static void Write(PayloadWriter writer, AcceptedResource resource)
    {
        writer.Text(resource.Name);
        writer.Text(resource.ContentHash);
        writer.Number((resource.IsWithheld ? WithheldFlag : 0) | (resource.Declared is null ? 0 : DeclaredFlag));
        if (resource.Resource is { } content)
            writer.Bytes(content.ValueBytes.Span);
        if (resource.Declared is { } declared)
            writer.Bytes(declared.ValueBytes.Span);
    }

    private static AcceptedState? Read(ReadOnlySpan<byte> payload, ref string problem)
    {
        var reader = new PayloadReader(payload);
        var group = reader.Text();
        var (at, since) = (reader.Time(), reader.Time());
        var types = ImmutableSortedDictionary.CreateBuilder<string, ImmutableArray<AcceptedResource>>(TypeUrl.Comparer);
        for (var left = reader.Count(); left > 0 && reader.IsSound; left--)
        {
            var typeUrl = reader.Text();
            var count = reader.Count();
            if (typeUrl.Length == 0 || types.ContainsKey(typeUrl))
                return null;
            var resources = new List<AcceptedResource>();
            for (var each = 0; each < count && reader.IsSound; each++)
            {
                var resource = ReadResource(ref reader, typeUrl);
                if (reader.IsSound && resource.Resource is { } content && content.ContentHash != resource.ContentHash)
                {
                    problem = $"the content of '{resource.Name}' does not have its hash";
                    return null;
                }

                resources.Add(resource);
            }

            types.Add(typeUrl, [.. resources]);
        }

        return reader.IsComplete ? new AcceptedState(group, at, since, types.ToImmutable()) : null;
    }

    private static AcceptedResource ReadResource(ref PayloadReader reader, string typeUrl)
    {
        var (name, hash, flags) = (reader.Text(), reader.Text(), reader.Number());
        var content = (flags & WithheldFlag) == 0 && reader.IsSound
            ? XdsResource.FromBytes(typeUrl, name, reader.Bytes())
            : null;
        var declared = (flags & DeclaredFlag) != 0 && reader.IsSound
            ? XdsResource.FromBytes(typeUrl, name, reader.Bytes())
            : null;
        return new AcceptedResource(name, hash, content, declared);
    }
}
