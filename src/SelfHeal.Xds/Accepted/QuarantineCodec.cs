namespace SelfHeal.Xds.Accepted;

/// <summary>Files of quarantined contents: hashes and names, no content and no words of a node.</summary>
public static class QuarantineCodec
{
    /// <summary>The whole file.</summary>
    /// <param name="generation">Greater than that of the file before.</param>
    /// <param name="quarantine">What it is to hold.</param>
    public static byte[] Write(ulong generation, Quarantine quarantine)
    {
        ArgumentNullException.ThrowIfNull(quarantine);
        var writer = new PayloadWriter();
        writer.Number(quarantine.Entries.Length);
        foreach (var entry in quarantine.Entries)
        {
            writer.Text(entry.Group);
            writer.Text(entry.TypeUrl);
            writer.Text(entry.Name);
            writer.Text(entry.ContentHash);
            writer.Text(entry.SourceHash);
            writer.Text(entry.Node);
            writer.Number(entry.At.ToUnixTimeMilliseconds());
        }

        return StateEnvelope.Seal(StateKind.Quarantine, generation, writer.Written);
    }

    /// <summary>Reads a file.</summary>
    /// <param name="file">Any bytes.</param>
    public static StateReading<Quarantine> Read(ReadOnlyMemory<byte> file)
    {
        switch (StateEnvelope.Open(StateKind.Quarantine, file))
        {
            case StateReading<ReadOnlyMemory<byte>>.Broken broken:
                return new StateReading<Quarantine>.Broken(broken.Problem);
            case StateReading<ReadOnlyMemory<byte>>.Read(var generation, var payload):
                return Read(payload.Span) is { } quarantine
                    ? new StateReading<Quarantine>.Read(generation, quarantine)
                    : new StateReading<Quarantine>.Broken("its content is not complete");
            default:
                throw new InvalidOperationException("a file is whole or it is not");
        }
    }

    private static Quarantine? Read(ReadOnlySpan<byte> payload)
    {
        var reader = new PayloadReader(payload);
        var entries = new List<QuarantinedContent>();
        for (var left = reader.Count(); left > 0 && reader.IsSound; left--)
        {
            entries.Add(new QuarantinedContent(
                reader.Text(),
                reader.Text(),
                reader.Text(),
                reader.Text(),
                reader.Text(),
                reader.Text(),
                "(it said so before this process was started)",
                reader.Time()));
        }

        return reader.IsComplete ? Quarantine.Of(entries) : null;
    }
}
