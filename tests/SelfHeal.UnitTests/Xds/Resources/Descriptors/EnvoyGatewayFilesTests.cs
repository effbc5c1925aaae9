using System.Globalization;
using System.Text;
using Google.Protobuf;
using SelfHeal.UnitTests.Xds.Sessions;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Resources.Descriptors;
using SelfHeal.Xds.Snapshots;
using YamlDotNet.RepresentationModel;

namespace SelfHeal.UnitTests.Xds.Resources.Descriptors;

/// <summary>
/// Every file of resources that a real control plane's own tests expect of it: read, validated, served by a session,
/// and the served bytes say what the file says. What cannot be covered is in the golden file, with its reason.
/// </summary>
public sealed class EnvoyGatewayFilesTests
{
    private static readonly Dictionary<string, string> Types = new(StringComparer.Ordinal)
    {
        ["clusters"] = TypeUrl.Cluster,
        ["endpoints"] = TypeUrl.ClusterLoadAssignment,
        ["listeners"] = TypeUrl.Listener,
        ["routes"] = TypeUrl.RouteConfiguration,
        ["secrets"] = TypeUrl.Secret,
    };

    [Test]
    public void EveryFile_ParsedAndServed_SaysTheSame()
    {
        if (EnvoyApiSet.Folder is not { } folder)
        {
            Assert.Ignore("needs shared/data/xds in a folder above the checkout");
            return;
        }
        var root = Path.Combine(folder, "envoy-gateway");
        var files = Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(root, path)).Order(StringComparer.Ordinal).ToList();
        var text = new CanonicalText(EnvoyApiSet.Descriptors());
        var told = new StringBuilder();
        Tell(told, "with the descriptor set", files, file => Problem(root, file, EnvoyApiSet.Index, text));
        Tell(told, "without", files, file => Problem(root, file, DescriptorIndex.Pinned, text));
        GoldenFile.Check("Descriptors/EnvoyGatewayFiles.txt", told.ToString());
    }

    private static void Tell(StringBuilder told, string how, List<string> files, Func<string, string?> problemOf)
    {
        var problems = files.Select(file => (File: file, Problem: problemOf(file)))
            .Where(static pair => pair.Problem is not null).ToList();
        told.Append(CultureInfo.InvariantCulture, $"{how}: {files.Count - problems.Count} of {files.Count}\n");
        foreach (var (file, problem) in problems)
            told.Append(CultureInfo.InvariantCulture, $"  {file}: {problem}\n");
    }

    /// <summary>Null for a file that was served as it stands.</summary>
    private static string? Problem(string root, string file, DescriptorIndex types, CanonicalText text)
    {
        if (!Types.TryGetValue(file.Split('.')[^2], out var typeUrl))
            return "holds no xDS resources";
        var content = File.ReadAllText(Path.Combine(root, file));
        var parsed = ResourceFileParser.Parse([new ResourceFile("f", content, typeUrl)], types);
        if (parsed.Errors.Length > 0)
            return $"{parsed.Errors[0]}{More(parsed.Errors.Length)}";
        var validator = new SnapshotValidator(new SnapshotValidatorOptions { Types = types, CheckReferences = false });
        var validation = validator.Validate(Snapshot.Create(parsed.Resources));
        if (validation.Snapshot is not { } snapshot)
            return $"{validation.Errors[0]}{More(validation.Errors.Length)}";
        if (ReferenceEquals(types, DescriptorIndex.Pinned))
            CheckGeneratedBytes(parsed);
        var served = Serve(snapshot, typeUrl);
        var yaml = new YamlStream();
        yaml.Load(new StringReader(content));
        var resources = yaml.Documents.SelectMany(static d => (YamlSequenceNode)d.RootNode).ToList();
        if (served.Count != resources.Count)
            return $"{served.Count} of {resources.Count} resources were served";
        foreach (var resource in resources)
        {
            var expected = text.OfYaml(TypeUrl.FullName(typeUrl), resource);
            var name = NameOf((YamlMappingNode)resource);
            var actual = text.OfBytes(TypeUrl.FullName(typeUrl), served[name]);
            if (!string.Equals(actual, expected, StringComparison.Ordinal))
                return $"'{name}' differs: {Difference(expected, actual)}";
        }
        return null;
    }

    /// <summary>By the pinned API our bytes are those of the generated classes, to the last one.</summary>
    private static void CheckGeneratedBytes(ResourceParseResult parsed)
    {
        foreach (var resource in parsed.Resources)
        {
            var generated = resource.Decode()?.ToByteArray() ?? [];
            Assert.That(generated.AsSpan().SequenceEqual(resource.ValueBytes.Span), resource.ToString());
        }
    }

    private static Dictionary<string, Google.Protobuf.ByteString> Serve(ValidatedSnapshot snapshot, string typeUrl)
    {
        var set = snapshot.Get(typeUrl);
        var served = new Dictionary<string, Google.Protobuf.ByteString>(StringComparer.Ordinal);
        if (set.Resources.IsEmpty)
            return served;
        var client = new SotwHarness(snapshot);
        client.Subscribe(typeUrl, [.. set.Resources.Select(static resource => resource.Name)]);
        var response = client.ExpectAndAck(typeUrl);
        foreach (var (resource, any) in set.Resources.Zip(response.Resources))
        {
            Assert.That(any.Value.Memory.Span.SequenceEqual(resource.ValueBytes.Span), resource.Name);
            served.Add(resource.Name, any.Value);
        }
        return served;
    }

    private static string NameOf(YamlMappingNode resource) => resource.Children
        .Where(static pair => pair.Key is YamlScalarNode { Value: "name" or "clusterName" or "cluster_name" })
        .Select(static pair => ((YamlScalarNode)pair.Value).Value ?? string.Empty).First();

    private static string Difference(string expected, string actual)
    {
        var at = expected.Zip(actual).TakeWhile(static pair => pair.First == pair.Second).Count();
        return $"expected ...{Around(expected, at)}, served ...{Around(actual, at)}";
    }

    private static string Around(string text, int at) => text[Math.Max(0, at - 30)..Math.Min(text.Length, at + 50)];

    private static string More(int count) => count > 1 ? $" (and {count - 1} more)" : string.Empty;
}
