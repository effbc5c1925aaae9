using System.Globalization;

namespace SelfHeal.Sidecar.Config.Loading;

/// <summary>
/// How values of one type stand in the file. The binder, the limits, the messages and the generated documentation all
/// ask here, so they cannot disagree.
/// </summary>
internal sealed class ScalarFormat
{
    private static readonly ScalarFormat Text = new(ScalarKind.Text, "text", text => text);

    private static readonly ScalarFormat Boolean = new(ScalarKind.Boolean, "true or false", text => text switch
    {
        "true" or "True" or "TRUE" => true,
        "false" or "False" or "FALSE" => false,
        _ => null,
    });

    private static readonly ScalarFormat Integer = new(
        ScalarKind.Integer,
        "a whole number",
        text => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? value
            : null);

    private static readonly ScalarFormat Number = new(
        ScalarKind.Number,
        "a number such as 0.25",
        text => decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null);

    private static readonly ScalarFormat Duration = new(
        ScalarKind.Duration,
        "a duration such as 250ms, 5s, 10m or 1h",
        text => DurationFormat.TryParse(text, out var value) ? value : null);

    private static readonly ScalarFormat Address = new(
        ScalarKind.Address,
        ListenAddress.Expected,
        text => ListenAddress.TryParse(text, out var value) ? value : null);

    private readonly Func<string, object?> _parse;

    private ScalarFormat(ScalarKind kind, string expected, Func<string, object?> parse, string[]? words = null)
    {
        Kind = kind;
        Expected = expected;
        _parse = parse;
        Words = words ?? [];
    }

    /// <summary>The kind of value.</summary>
    public ScalarKind Kind { get; }

    /// <summary>What a user may write, for messages.</summary>
    public string Expected { get; }

    /// <summary>Every allowed word, for a closed set.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>The format of a type; null when values of this type are no scalars.</summary>
    /// <param name="type">Without <see cref="Nullable{T}"/>.</param>
    public static ScalarFormat? For(Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        if (type == typeof(string))
            return Text;
        if (type == typeof(bool))
            return Boolean;
        if (type == typeof(int))
            return Integer;
        if (type == typeof(decimal))
            return Number;
        if (type == typeof(TimeSpan))
            return Duration;
        if (type == typeof(ListenAddress))
            return Address;
        return type.IsEnum ? ForWords(type) : null;
    }

    /// <summary>Reads a value; null when the text is none of this format.</summary>
    /// <param name="text">As the user wrote it.</param>
    public object? Parse(string text) => _parse(text);

    /// <summary>Writes a value as a user would.</summary>
    /// <param name="value">A value that a file can hold.</param>
    public static string Write(object value) => value switch
    {
        TimeSpan duration => DurationFormat.Write(duration),
        bool flag => flag ? "true" : "false",
        Enum word => SnakeCase.Write(word.ToString()),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    private static ScalarFormat ForWords(Type type)
    {
        var names = Enum.GetNames(type);
        var words = Array.ConvertAll(names, SnakeCase.Write);
        var expected = words.Length == 1
            ? words[0]
            : $"{string.Join(", ", words[..^1])} or {words[^1]}";
        return new ScalarFormat(
            ScalarKind.Word,
            expected,
            text => Array.IndexOf(words, text) is >= 0 and var index ? Enum.Parse(type, names[index]) : null,
            words);
    }
}
