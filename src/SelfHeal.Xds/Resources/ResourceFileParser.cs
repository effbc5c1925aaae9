using SelfHeal.Core;
using SelfHeal.Xds.Resources.Descriptors;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace SelfHeal.Xds.Resources;

/// <summary>
/// Reads files of Envoy v3 resources, YAML or JSON. A file holds one resource, a list of them, a <c>resources:</c> list
/// as in a DiscoveryResponse, or several YAML documents of these. Text comes in, values go out: nothing is opened here.
/// </summary>
public static class ResourceFileParser
{
    /// <summary>
    /// Errors kept per set of files. A thousand is more than anybody reads; what comes after is dropped and a last
    /// error
    /// says so.
    /// </summary>
    public const int MaxErrors = 1000;

    /// <summary>Parses all files and collects all errors.</summary>
    /// <param name="files">In the order in which errors are to be told.</param>
    public static ResourceParseResult Parse(IEnumerable<ResourceFile> files) => Parse(files, DescriptorIndex.Pinned);

    /// <summary>Parses all files and collects all errors.</summary>
    /// <param name="files">In the order in which errors are to be told.</param>
    /// <param name="types">What the files may name.</param>
    public static ResourceParseResult Parse(IEnumerable<ResourceFile> files, DescriptorIndex types)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(types);
        var run = new Run(new TypeFinder(types));
        foreach (var file in files)
            run.ParseFile(file);
        return run.Result();
    }

    private sealed class Run(TypeFinder types)
    {
        private readonly List<XdsResource> _resources = [];
        private readonly List<ResourceError> _errors = [];
        private readonly ResourceLocations _locations = new();

        public void ParseFile(ResourceFile file)
        {
            var stream = new YamlStream();
            try
            {
                using var text = new StringReader(file.Text);
                stream.Load(new BoundedYamlParser(new Parser(text)));
            }
            catch (YamlException broken)
            {
                _errors.Add(new ResourceError(
                    file.Path, (int)broken.Start.Line, (int)broken.Start.Column, string.Empty, broken.Message));
                return;
            }
            foreach (var document in stream.Documents)
                ParseRoot(file, document.RootNode);
        }

        public ResourceParseResult Result()
        {
            if (_errors.Count > MaxErrors)
            {
                var last = _errors[MaxErrors];
                _errors.RemoveRange(MaxErrors, _errors.Count - MaxErrors);
                _errors.Add(last with
                {
                    Field = string.Empty,
                    Message = $"more than {MaxErrors} errors; the rest is not shown",
                });
            }
            Invariant.Assert(_errors.Count <= MaxErrors + 1, "the number of errors stays within its bound");
            return new ResourceParseResult([.. _resources], [.. _errors], _locations);
        }

        private void ParseRoot(ResourceFile file, YamlNode root)
        {
            switch (root)
            {
                case YamlScalarNode scalar when YamlScalars.IsNull(scalar):
                    break;
                case YamlSequenceNode list:
                    foreach (var item in list)
                        ParseResource(file, item);
                    break;
                case YamlMappingNode map when !HasKey(map, "@type") && HasKey(map, "resources"):
                    ParseResponse(file, map);
                    break;
                default:
                    ParseResource(file, root);
                    break;
            }
        }

        /// <summary>The form of Envoy's own filesystem subscription: a DiscoveryResponse without its type.</summary>
        private void ParseResponse(ResourceFile file, YamlMappingNode response)
        {
            foreach (var (key, value) in response)
            {
                switch ((key as YamlScalarNode)?.Value)
                {
                    case "resources" when value is YamlSequenceNode list:
                        foreach (var item in list)
                            ParseResource(file, item);
                        break;
                    case "resources" when value is YamlScalarNode scalar && YamlScalars.IsNull(scalar):
                    case "version_info" or "versionInfo" or "nonce" or "type_url" or "typeUrl":
                        // Versions are content hashes and nonces belong to streams, so what a file says is not used.
                        break;
                    case "resources":
                        AddError(file, value, "must be a list of resources");
                        break;
                    default:
                        AddError(file, key, $"unknown field '{key}' beside 'resources'");
                        break;
                }
            }
        }

        private void ParseResource(ResourceFile file, YamlNode node)
        {
            var fields = new ResourceFields(file.Path);
            var read = new MessageReader(file.Path, fields, types, _errors);
            var errorsBefore = _errors.Count;
            if (read.ReadResource(node, file.DefaultTypeUrl) is not { } content || _errors.Count > errorsBefore)
                return;
            var resource = XdsResource.FromBytes(content.TypeUrl, content.Name, content.Bytes.Span);
            if (content.Envelope is { } envelope)
                resource = resource.WithAliases(envelope.Aliases).WithTtl(envelope.Ttl);
            if (content.Message is { Schema: { NameField: null } type } && content.Name.Length == 0)
                AddError(file, node, $"{type.FullName} is not a resource: it has no name");
            else if (resource.Name.Length == 0)
                _errors.Add(new ResourceError(
                    file.Path,
                    (int)node.Start.Line,
                    (int)node.Start.Column,
                    content.Message?.Schema.NameField?.Name ?? "name",
                    content.Message is not null ? "must not be empty"
                        : "must be told from outside, since nothing knows this type: put the resource into a "
                            + $"{ResourceEnvelope.FullName}"));
            else if (_locations.TryFind(resource.TypeUrl, resource.Name, out var otherFile, out var otherLine))
                AddError(file, node, $"'{resource.Name}' is already defined at {otherFile}:{otherLine}");
            else
            {
                _locations.Add(resource.TypeUrl, resource.Name, fields);
                _resources.Add(resource);
            }
        }

        private void AddError(ResourceFile file, YamlNode node, string message) => _errors.Add(
            new ResourceError(file.Path, (int)node.Start.Line, (int)node.Start.Column, string.Empty, message));

        private static bool HasKey(YamlMappingNode map, string name) =>
            map.Children.ContainsKey(new YamlScalarNode(name));
    }
}
