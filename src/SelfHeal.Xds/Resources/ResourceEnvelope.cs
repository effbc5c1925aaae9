using YamlDotNet.RepresentationModel;

namespace SelfHeal.Xds.Resources;

/// <summary>
/// The <c>Resource</c> of the discovery protocol around a resource: it tells the name of one whose type nothing knows.
/// </summary>
/// <param name="NameNode">Where the name stands, or the envelope where none does.</param>
/// <param name="Name">Empty where none stands.</param>
/// <param name="Resource">What is in it.</param>
internal sealed record ResourceEnvelope(YamlNode NameNode, string Name, YamlNode Resource)
{
    public const string FullName = "envoy.service.discovery.v3.Resource";

    public static bool Is(string typeUrl) =>
        string.Equals(TypeUrl.FullName(typeUrl), FullName, StringComparison.Ordinal);

    /// <summary>Reads the envelope; null if there is nothing in it, and that is told.</summary>
    /// <param name="map">The envelope.</param>
    /// <param name="entries">Its keys and values.</param>
    /// <param name="fail">Takes the node, the field's path and what is wrong.</param>
    public static ResourceEnvelope? Read(
        YamlMappingNode map,
        IEnumerable<(YamlScalarNode Key, YamlNode Value)> entries,
        Action<YamlNode, string, string> fail)
    {
        var envelope = new ResourceEnvelope(map, string.Empty, map);
        foreach (var (key, value) in entries)
        {
            switch (key.Value)
            {
                case "@type":
                    break;
                case "name" when value is YamlScalarNode { Value: { } name }:
                    envelope = envelope with { NameNode = value, Name = name };
                    break;
                case "name":
                    fail(value, "name", "must be a string");
                    break;
                case "resource":
                    envelope = envelope with { Resource = value };
                    break;
                case "version":
                    // Versions are content hashes, whatever a file says.
                    break;
                default:
                    fail(key, key.Value ?? string.Empty,
                        $"of {FullName} only 'name' and 'resource' can be written in a file");
                    break;
            }
        }
        if (!ReferenceEquals(envelope.Resource, map))
            return envelope;
        fail(map, "resource", "must be set");
        return null;
    }
}
