using System.Collections.Immutable;
using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace SelfHeal.Xds.Resources;

/// <summary>
/// The <c>Resource</c> of the discovery protocol around a resource: it tells the name of one whose type nothing knows,
/// other names, and for how long a client keeps it without hearing of it again.
/// </summary>
/// <param name="NameNode">Where the name stands, or the envelope where none does.</param>
/// <param name="Name">Empty where none stands.</param>
/// <param name="Resource">What is in it.</param>
internal sealed record ResourceEnvelope(YamlNode NameNode, string Name, YamlNode Resource)
{
    // What a Duration of protobuf holds; its own limit of 10,000 years says the same as none.
    private const decimal SecondsMax = 315_576_000_000;

    public const string FullName = "envoy.service.discovery.v3.Resource";

    /// <summary>Other names by which clients may ask for it.</summary>
    public ImmutableArray<string> Aliases { get; private init; } = [];

    /// <summary>Null: for ever.</summary>
    public TimeSpan? Ttl { get; private init; }

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
                case "aliases":
                    envelope = envelope with { Aliases = ReadAliases(value, fail) };
                    break;
                case "ttl":
                    envelope = envelope with { Ttl = ReadTtl(value, fail) };
                    break;
                case "version":
                    // Versions are content hashes, whatever a file says.
                    break;
                default:
                    fail(key, key.Value ?? string.Empty,
                        $"of {FullName} only 'name', 'aliases', 'ttl' and 'resource' can be written in a file");
                    break;
            }
        }
        if (!ReferenceEquals(envelope.Resource, map))
            return envelope;
        fail(map, "resource", "must be set");
        return null;
    }

    private static ImmutableArray<string> ReadAliases(YamlNode node, Action<YamlNode, string, string> fail)
    {
        if (node is not YamlSequenceNode list)
        {
            fail(node, "aliases", "must be a list of names");
            return [];
        }
        var names = ImmutableArray.CreateBuilder<string>();
        foreach (var item in list)
        {
            if (item is YamlScalarNode { Value: { Length: > 0 } name })
                names.Add(name);
            else
                fail(item, $"aliases[{names.Count}]", "must be a name that is not empty");
        }
        return names.ToImmutable();
    }

    /// <summary>As protobuf writes a duration: seconds with an <c>s</c>.</summary>
    private static TimeSpan? ReadTtl(YamlNode node, Action<YamlNode, string, string> fail)
    {
        if (node is YamlScalarNode { Value: [>= '0' and <= '9', .., 's'] text }
            && decimal.TryParse(
                text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
            && seconds is > 0 and <= SecondsMax)
            return TimeSpan.FromTicks((long)Math.Max(seconds * TimeSpan.TicksPerSecond, 1));
        fail(node, "ttl", $"must be seconds greater than 0 and at most {SecondsMax}, such as 10s or 0.5s");
        return null;
    }
}
