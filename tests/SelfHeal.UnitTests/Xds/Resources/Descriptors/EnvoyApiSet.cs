using System.IO.Compression;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using SelfHeal.Xds.Resources.Descriptors;

namespace SelfHeal.UnitTests.Xds.Resources.Descriptors;

/// <summary>
/// The descriptors of Envoy 1.40, which is newer than the API that the build is pinned to, as a user would name them.
/// They lie in a folder <c>shared/data</c> above the checkout, for they are not ours.
/// </summary>
internal static class EnvoyApiSet
{
    private static readonly Lazy<DescriptorIndex> LazyIndex = new(static () => Read());

    public static string? Folder { get; } = Find();

    /// <summary>Our own reading of it.</summary>
    public static DescriptorIndex Index => LazyIndex.Value;

    public static byte[] Packed() => File.ReadAllBytes(Path.Combine(RequireFolder(), "envoy-api-1.40.0.binpb.gz"));

    public static FileDescriptorSet Files()
    {
        using var gzip = new GZipStream(new MemoryStream(Packed()), CompressionMode.Decompress);
        return FileDescriptorSet.Parser.WithExtensionRegistry(
            [Validate.ValidateExtensions.Rules, Validate.ValidateExtensions.Required]).ParseFrom(gzip);
    }

    /// <summary>Google's own descriptors of it, which share no line with ours.</summary>
    public static Dictionary<string, MessageDescriptor> Descriptors()
    {
        var files = Files().File.ToDictionary(static file => file.Name, StringComparer.Ordinal);
        var ordered = new List<ByteString>();
        var done = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in files.Keys)
            Add(name);
        var all = new Dictionary<string, MessageDescriptor>(StringComparer.Ordinal);
        foreach (var type in FileDescriptor.BuildFromByteStrings(ordered).SelectMany(static file => file.MessageTypes))
            Collect(type);
        return all;

        void Add(string name)
        {
            if (!done.Add(name))
                return;
            foreach (var import in files[name].Dependency)
                Add(import);
            ordered.Add(files[name].ToByteString());
        }

        void Collect(MessageDescriptor type)
        {
            all.Add(type.FullName, type);
            foreach (var nested in type.NestedTypes)
                Collect(nested);
        }
    }

    private static DescriptorIndex Read()
    {
        var result = DescriptorIndex.Read([new DescriptorSetFile("envoy-api.binpb.gz", Packed())]);
        Assert.That(result.Errors, Is.Empty);
        return result.Index ?? throw new AssertionException("no index");
    }

    private static string RequireFolder()
    {
        if (Folder is null)
            Assert.Ignore("needs shared/data/xds in a folder above the checkout");
        return Folder ?? throw new AssertionException("no folder");
    }

    private static string? Find()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            var data = Path.Combine(at.FullName, "shared", "data", "xds");
            if (Directory.Exists(data))
                return data;
        }
        return null;
    }
}
