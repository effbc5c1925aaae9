using System.Buffers.Binary;
using System.IO.Compression;

namespace SelfHeal.Benchmarks.Streams;

/// <summary>
/// The raw frames of one stats stream, as <c>selfheal record import</c> takes them: repeated u64 arrival in
/// nanoseconds, u32 length, message bytes; little endian. A name that ends with <c>.br</c> is compressed with Brotli.
/// </summary>
internal static class StreamFile
{
    public const string Extension = ".frames";
    public const string CompressedExtension = ".frames.br";

    private const int HeaderLength = 12;

    /// <summary>Envoy's largest message that a reader takes; a longer one is a damaged length.</summary>
    private const uint MessageLengthMax = 64 * 1024 * 1024;

    /// <summary>
    /// The window of 16 MiB holds the flush before, which the next one repeats but for its values.
    /// </summary>
    private const int BrotliWindowBits = 24;

    public static void Write(string path, IReadOnlyList<StreamFrame> frames)
    {
        using var file = File.Create(path);
        if (!IsCompressed(path))
        {
            WriteFrames(file, frames);
            return;
        }

        using var raw = new MemoryStream();
        WriteFrames(raw, frames);
        var bytes = raw.GetBuffer().AsSpan(0, (int)raw.Length);
        var compressed = new byte[BrotliEncoder.GetMaxCompressedLength(bytes.Length)];
        if (!BrotliEncoder.TryCompress(bytes, compressed, out var written, quality: 11, BrotliWindowBits))
            throw new InvalidOperationException($"{bytes.Length} bytes did not fit into {compressed.Length}");
        file.Write(compressed.AsSpan(0, written));
    }

    public static IReadOnlyList<StreamFrame> Read(string path)
    {
        using var file = File.OpenRead(path);
        using var raw = new MemoryStream();
        if (IsCompressed(path))
        {
            using var brotli = new BrotliStream(file, CompressionMode.Decompress);
            brotli.CopyTo(raw);
        }
        else
        {
            file.CopyTo(raw);
        }

        return Parse(path, raw.GetBuffer().AsSpan(0, (int)raw.Length));
    }

    private static List<StreamFrame> Parse(string path, ReadOnlySpan<byte> bytes)
    {
        var frames = new List<StreamFrame>();
        for (var offset = 0; offset < bytes.Length;)
        {
            var rest = bytes[offset..];
            if (rest.Length < HeaderLength)
                throw new InvalidDataException($"{path}: {rest.Length} bytes at {offset}, expected a header of 12");
            var length = BinaryPrimitives.ReadUInt32LittleEndian(rest[8..]);
            if (length > MessageLengthMax || length > rest.Length - HeaderLength)
            {
                throw new InvalidDataException(
                    $"{path}: a message of {length} bytes at {offset}, expected at most {rest.Length - HeaderLength}");
            }

            var message = rest.Slice(HeaderLength, (int)length).ToArray();
            frames.Add(new StreamFrame(BinaryPrimitives.ReadUInt64LittleEndian(rest), message));
            offset += HeaderLength + message.Length;
        }

        return frames.Count > 0 ? frames : throw new InvalidDataException($"{path}: no frames, expected one at least");
    }

    private static bool IsCompressed(string path) => path.EndsWith(".br", StringComparison.Ordinal);

    private static void WriteFrames(Stream stream, IReadOnlyList<StreamFrame> frames)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        foreach (var frame in frames)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(header, frame.ArrivalNanos);
            BinaryPrimitives.WriteUInt32LittleEndian(header[8..], (uint)frame.Message.Length);
            stream.Write(header);
            stream.Write(frame.Message);
        }
    }
}
