using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace SelfHeal.Xds.Resources;

/// <summary>
/// Refuses text that nests deeper than protobuf allows before anything recurses over it: a stack overflow cannot be
/// caught, and a configuration file must not end the process.
/// </summary>
/// <param name="parser">The parser that reads the text.</param>
internal sealed class BoundedYamlParser(IParser parser) : IParser
{
    // Protobuf's own limit is 100 messages; a YAML level is at most one message, list or map of that.
    private const int MaxDepth = 250;

    private int _depth;

    public ParsingEvent? Current => parser.Current;

    public bool MoveNext()
    {
        var moved = MoveNextInText();
        if (!moved || parser.Current is not { } current)
            return moved;
        _depth += current.NestingIncrease;
        if (_depth > MaxDepth)
            throw new YamlException(current.Start, current.End, $"nests deeper than {MaxDepth} levels");
        return moved;
    }

    private bool MoveNextInText()
    {
        try
        {
            return parser.MoveNext();
        }
        catch (Exception broken) when (broken is InvalidOperationException or ArgumentException)
        {
            // YamlDotNet 16.3 answers some broken texts, "a: [1" before a key on the next line for one, with an
            // exception that knows no place; the last event that it could read is the nearest we have.
            var place = parser.Current?.End ?? Mark.Empty;
            throw new YamlException(place, place, "what follows here cannot be read", broken);
        }
    }
}
