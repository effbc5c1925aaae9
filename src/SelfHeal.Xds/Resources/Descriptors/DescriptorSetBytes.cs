using System.Globalization;
using System.IO.Compression;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace SelfHeal.Xds.Resources.Descriptors;

/// <summary>The proto files in the bytes of one descriptor set.</summary>
internal static class DescriptorSetBytes
{
    // The whole Envoy API is 1 MB, with the comments that buf keeps 10 MB. What unpacks to more is no descriptor set.
    private const int UnpackedBytesMax = 64 * 1024 * 1024;

    private const string Expected =
        "expected a binary FileDescriptorSet, as protoc --descriptor_set_out or buf build -o x.binpb writes it";

    private static readonly MessageParser<FileDescriptorProto> FileParser =
        FileDescriptorProto.Parser.WithExtensionRegistry(TypeDefinition.Rules);

    /// <summary>Reads all files, or says what stands against the set.</summary>
    /// <param name="packed">Plain or in gzip.</param>
    /// <param name="files">Empty if there is a problem.</param>
    /// <returns>Null when all is well.</returns>
    public static string? Read(ReadOnlyMemory<byte> packed, out List<FileDescriptorProto> files)
    {
        files = [];
        var problem = Unpack(packed, out var bytes) ?? ReadFiles(bytes, files);
        if (problem is not null)
            files = [];
        return problem;
    }

    private static string? Unpack(ReadOnlyMemory<byte> packed, out ReadOnlyMemory<byte> bytes)
    {
        bytes = packed;
        if (!packed.Span.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
            return null;
        using var unpacked = new MemoryStream();
        try
        {
            using var gzip = new GZipStream(
                new MemoryStream(packed.ToArray(), writable: false), CompressionMode.Decompress);
            var buffer = new byte[64 * 1024];
            for (var read = gzip.Read(buffer); read > 0; read = gzip.Read(buffer))
            {
                unpacked.Write(buffer.AsSpan(0, read));
                if (unpacked.Length > UnpackedBytesMax)
                    return $"unpacks to more than {UnpackedBytesMax} bytes; {Expected}";
            }
        }
        catch (InvalidDataException broken)
        {
            return $"the gzip is damaged: {broken.Message}";
        }
        bytes = unpacked.ToArray();
        return null;
    }

    private static string? ReadFiles(ReadOnlyMemory<byte> bytes, List<FileDescriptorProto> files)
    {
        if (bytes.IsEmpty)
            return $"is empty; {Expected}";
        if (bytes.Span[0] is (byte)'{' or (byte)'[')
            return $"is JSON; {Expected}";
        var reader = new WireReader(bytes);
        while (!reader.IsAtEnd)
        {
            if (!reader.TryTag(out var field, out var wireType))
                return Broken(files.Count, bytes.Length);
            if (field != 1)
            {
                if (!reader.TrySkip(field, wireType))
                    return Broken(files.Count, bytes.Length);
                continue;
            }
            if (wireType != WireReader.Delimited || !reader.TryContent(out var content))
                return Broken(files.Count, bytes.Length);
            if (ReadFile(content, files.Count + 1, files) is { } problem)
                return problem;
        }
        return files.Count == 0 ? $"holds no proto file; {Expected}" : null;
    }

    private static string? ReadFile(ReadOnlyMemory<byte> content, int number, List<FileDescriptorProto> files)
    {
        try
        {
            var file = FileParser.ParseFrom(content.Span);
            // Comments and their places are most of a set, and nothing here reads them.
            file.SourceCodeInfo = null;
            if (file.Name.Length == 0)
                return $"proto file {number} in it has no name; {Expected}";
            files.Add(file);
            return null;
        }
        catch (Exception broken) when (broken is InvalidProtocolBufferException or InvalidOperationException)
        {
            return $"proto file {number} in it cannot be read: {broken.Message}";
        }
    }

    private static string Broken(int files, int length) => string.Create(
        CultureInfo.InvariantCulture,
        $"is cut short or damaged after {files} proto files, within {length} bytes; {Expected}");
}
