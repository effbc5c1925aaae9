using System.Collections.Immutable;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace SelfHeal.Sidecar.Config.Loading;

/// <summary>
/// Turns YAML into <see cref="ConfigNode"/>s. It reads the parser's events and not YamlDotNet's own tree, because that
/// one stops at the first duplicate key, and a user wants to see every mistake at once.
/// </summary>
internal sealed class ConfigTreeReader
{
    // Our schema is seven levels deep. The reader recurses, so a file of ten thousand brackets must end as an error and
    // not as a stack overflow.
    private const int DepthMax = 32;

    private readonly Parser _parser;
    private readonly Dictionary<AnchorName, ConfigNode> _anchors = [];

    private ConfigTreeReader(string text) => _parser = new Parser(new StringReader(text));

    /// <summary>Reads the only document of <paramref name="text"/>; null when there is none.</summary>
    /// <param name="text">YAML.</param>
    /// <exception cref="YamlException">The text is not YAML, or more than we read; it says where.</exception>
    public static ConfigNode? Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var reader = new ConfigTreeReader(text);
        try
        {
            return reader.ReadDocument();
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
        {
            // YamlDotNet 16.3 answers some broken texts, "a: [1" before a key on the next line for one, with an
            // exception that knows no place; the last event that it could read is the nearest we have.
            var place = reader._parser.Current?.End ?? Mark.Empty;
            throw new YamlException(place, place, "what follows here cannot be read", exception);
        }
    }

    private ConfigNode? ReadDocument()
    {
        _parser.Consume<StreamStart>();
        if (_parser.Accept<StreamEnd>(out _))
            return null;
        _parser.Consume<DocumentStart>();
        var root = ReadNode(depth: 0);
        _parser.Consume<DocumentEnd>();
        if (_parser.Accept<DocumentStart>(out var second))
            throw new YamlException(second.Start, second.Start, "only one document is allowed in this file");
        _parser.Consume<StreamEnd>();
        return root;
    }

    private ConfigNode ReadNode(int depth)
    {
        if (!_parser.Accept<ParsingEvent>(out var next))
            throw new YamlException("the file ends in the middle of a value");
        if (depth > DepthMax)
            throw new YamlException(next.Start, next.Start, $"nested deeper than {DepthMax} levels");
        // The node is shared, not copied, and the binder walks only as deep as the options classes go: nested aliases
        // cannot blow a small file up.
        if (_parser.TryConsume<AnchorAlias>(out var alias))
            return _anchors.TryGetValue(alias.Value, out var known)
                ? known
                : throw new YamlException(alias.Start, alias.Start, $"no anchor named '{alias.Value}' stands above");

        var node = ReadValue(depth);
        if (next is NodeEvent { Anchor.IsEmpty: false } anchored)
            _anchors[anchored.Anchor] = node;
        return node;
    }

    private ConfigNode ReadValue(int depth)
    {
        if (_parser.TryConsume<Scalar>(out var scalar))
            return ToScalar(scalar);
        if (_parser.TryConsume<SequenceStart>(out var sequence))
        {
            var items = ImmutableArray.CreateBuilder<ConfigNode>();
            while (!_parser.TryConsume<SequenceEnd>(out _))
                items.Add(ReadNode(depth + 1));
            return new ConfigNode.Sequence(items.ToImmutable(), (int)sequence.Start.Line, (int)sequence.Start.Column);
        }

        var mapping = _parser.Consume<MappingStart>();
        var entries = ImmutableArray.CreateBuilder<ConfigEntry>();
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            if (!_parser.TryConsume<Scalar>(out var key))
            {
                var place = _parser.Current?.Start ?? Mark.Empty;
                throw new YamlException(place, place, "a key must be a single word");
            }

            entries.Add(new ConfigEntry(ToScalar(key), ReadNode(depth + 1)));
        }

        return new ConfigNode.Mapping(entries.ToImmutable(), (int)mapping.Start.Line, (int)mapping.Start.Column);
    }

    private static ConfigNode.Scalar ToScalar(Scalar scalar) =>
        new(scalar.Value, scalar.Style == ScalarStyle.Plain, (int)scalar.Start.Line, (int)scalar.Start.Column);
}
