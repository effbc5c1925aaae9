using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace SelfHeal.Sidecar.Upstream;

/// <summary>
/// Reads the Prometheus text format 0.0.4, sample by sample. It is strict: each line is what the format says, a family
/// is declared once and its samples stand together. The first thing that is not so ends it, and <see cref="Error"/>
/// says what was expected. What it keeps is bounded by the text, and the text by whoever received it.
/// </summary>
internal ref partial struct PrometheusTextReader
{
    private static readonly SearchValues<byte> NumberLetters = SearchValues.Create("0123456789+-.eE"u8);

    private readonly ReadOnlySpan<byte> _text;
    private readonly HashSet<string> _families = new(StringComparer.Ordinal);
    private readonly List<Label> _labels = [];
    private ReadOnlySpan<byte> _line;
    private int _next;
    private int _at;
    private bool _hasHelp;
    private bool _hasType;
    private bool _hasSamples;

    /// <summary>A reader at the beginning.</summary>
    /// <param name="text">The whole text.</param>
    public PrometheusTextReader(ReadOnlySpan<byte> text) => _text = text;

    /// <summary>The line of the sample, from 1.</summary>
    public int Line { get; private set; }

    /// <summary>What is wrong; null while nothing is.</summary>
    public PrometheusTextError? Error { get; private set; }

    /// <summary>The family of the sample.</summary>
    public string Family { get; private set; } = "";

    /// <summary>What its family is declared to be.</summary>
    public PrometheusType Type { get; private set; }

    /// <summary>What the sample's name has behind its family's: <c>_bucket</c>, <c>_sum</c>, <c>_count</c> or nothing.
    /// </summary>
    public string Suffix { get; private set; } = "";

    /// <summary>The sample's value; it may be infinite or no number.</summary>
    public double Value { get; private set; }

    /// <summary>Reads the next sample.</summary>
    /// <returns>False at the end, and where something is wrong.</returns>
    public bool TryRead()
    {
        while (Error is null && TryTakeLine())
        {
            SkipBlanks();
            if (_at == _line.Length)
                continue;
            if (_line[_at] == '#')
            {
                _at++;
                ReadComment();
            }
            else if (ReadSample())
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Finds a label of the sample.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">Its value.</param>
    public readonly bool TryGetLabel(string name, [NotNullWhen(true)] out string? value)
    {
        foreach (var label in _labels)
        {
            if (!Ascii.Equals(_line[label.Name], name))
                continue;
            value = Unescape(_line[label.Value]);
            return true;
        }

        value = null;
        return false;
    }

    /// <summary>The sample's name and labels in one order, so that the same series is found again.</summary>
    public readonly string Series()
    {
        var labels = new List<string>(_labels.Count);
        foreach (var label in _labels)
            labels.Add($"{Encoding.UTF8.GetString(_line[label.Name])}=\"{Unescape(_line[label.Value])}\"");
        labels.Sort(StringComparer.Ordinal);
        return $"{Family}{Suffix}{{{string.Join(',', labels)}}}";
    }

    private static string Unescape(ReadOnlySpan<byte> raw)
    {
        var text = Encoding.UTF8.GetString(raw);
        if (!text.Contains('\\', StringComparison.Ordinal))
            return text;
        var value = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
                value.Append(text[i]);
            else
                value.Append(text[++i] == 'n' ? '\n' : text[i]); // The line was checked: a character follows.
        }

        return value.ToString();
    }

    private bool TryTakeLine()
    {
        if (_next == _text.Length)
            return false;
        Line++;
        var length = _text[_next..].IndexOf((byte)'\n');
        if (length < 0)
            return Fail("a line feed at the end of the last line");
        _line = _text.Slice(_next, length);
        _next += length + 1;
        _at = 0;
        return Utf8.IsValid(_line) || Fail("valid UTF-8");
    }

    private void ReadComment()
    {
        SkipBlanks();
        var word = TakeWord();
        if (word.SequenceEqual("HELP"u8))
            ReadHelp();
        else if (word.SequenceEqual("TYPE"u8))
            ReadType();
    }

    private void ReadHelp()
    {
        if (!TakeDeclared("HELP", out var isNew))
            return;
        if (!isNew && (_hasHelp || _hasSamples))
            Fail($"one HELP of {Family}, before its samples");
        _hasHelp = true;
    }

    private void ReadType()
    {
        if (!TakeDeclared("TYPE", out var isNew))
            return;
        if (!isNew && (_hasType || _hasSamples))
        {
            Fail($"one TYPE of {Family}, before its samples");
            return;
        }

        _hasType = true;
        SkipBlanks();
        var type = TakeWord();
        SkipBlanks();
        PrometheusType? known = type switch
        {
            _ when type.SequenceEqual("counter"u8) => PrometheusType.Counter,
            _ when type.SequenceEqual("gauge"u8) => PrometheusType.Gauge,
            _ when type.SequenceEqual("histogram"u8) => PrometheusType.Histogram,
            _ when type.SequenceEqual("summary"u8) => PrometheusType.Summary,
            _ when type.SequenceEqual("untyped"u8) => PrometheusType.Untyped,
            _ => null,
        };
        if (known is null || _at < _line.Length)
            Fail("counter, gauge, histogram, summary or untyped, and the end of the line");
        Type = known.GetValueOrDefault();
    }

    /// <summary>The name behind HELP or TYPE, whose family begins or goes on.</summary>
    private bool TakeDeclared(string word, out bool isNew)
    {
        isNew = false;
        SkipBlanks();
        var name = TakeName();
        if (name.IsEmpty || !IsAtBlankOrEnd)
            return Fail($"the name of a metric after {word}");
        if (Ascii.Equals(name, Family))
            return true;
        isNew = true;
        return Begin(name);
    }

    /// <summary>A family begins; it may not have been there before.</summary>
    private bool Begin(ReadOnlySpan<byte> name)
    {
        Family = Encoding.ASCII.GetString(name);
        Type = PrometheusType.Untyped;
        (_hasHelp, _hasType, _hasSamples) = (false, false, false);
        return _families.Add(Family) || Fail($"all lines of {Family} in one place");
    }

    private bool ReadSample()
    {
        var name = TakeName();
        if (name.IsEmpty)
            return Fail("a comment or the name of a metric");
        if (!Enter(name))
            return false;
        _labels.Clear();
        var isApart = IsAtBlankOrEnd;
        SkipBlanks();
        if (_at < _line.Length && _line[_at] == '{')
        {
            if (!ReadLabels())
                return false;
            SkipBlanks();
        }
        else if (!isApart)
        {
            return Fail($"labels or a blank after {Encoding.ASCII.GetString(name)}");
        }

        return ReadValue();
    }

    /// <summary>Takes the sample into its family, which begins here if it was not declared.</summary>
    private bool Enter(ReadOnlySpan<byte> name)
    {
        Suffix = "";
        if (Family.Length > 0 && name.Length >= Family.Length && Ascii.Equals(name[..Family.Length], Family)
            && SuffixOf(name[Family.Length..]) is { } suffix)
        {
            Suffix = suffix;
        }
        else if (Ascii.Equals(name, Family))
        {
            return Fail($"{Family} with one of the endings of a {Type.ToString().ToLowerInvariant()}");
        }
        else if (!Begin(name))
        {
            return false;
        }

        _hasSamples = true;
        return true;
    }

    /// <summary>The ending of a sample's name as its family's type has it; null where it has no such.</summary>
    private readonly string? SuffixOf(ReadOnlySpan<byte> ending) => Type switch
    {
        PrometheusType.Histogram when ending.SequenceEqual("_bucket"u8) => "_bucket",
        PrometheusType.Histogram or PrometheusType.Summary when ending.SequenceEqual("_sum"u8) => "_sum",
        PrometheusType.Histogram or PrometheusType.Summary when ending.SequenceEqual("_count"u8) => "_count",
        not PrometheusType.Histogram when ending.IsEmpty => "",
        _ => null,
    };

    private bool ReadValue()
    {
        var word = TakeWord();
        if (!TryParse(word, out var value))
            return Fail("a number, NaN, +Inf or -Inf as the value");
        Value = value;
        SkipBlanks();
        var time = TakeWord();
        SkipBlanks();
        var isTime = time.IsEmpty
            || long.TryParse(time, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);
        return (isTime && _at == _line.Length) || Fail("a time in milliseconds or the end of the line");
    }

    /// <summary>As Go reads it, except for hexadecimal.</summary>
    private static bool TryParse(ReadOnlySpan<byte> word, out double value)
    {
        value = word switch
        {
            _ when word.SequenceEqual("NaN"u8) => double.NaN,
            _ when word.SequenceEqual("+Inf"u8) || word.SequenceEqual("Inf"u8) => double.PositiveInfinity,
            _ when word.SequenceEqual("-Inf"u8) => double.NegativeInfinity,
            _ => 0,
        };
        if (value != 0)
            return true;
        return !word.ContainsAnyExcept(NumberLetters)
            && double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out value)
            && double.IsFinite(value);
    }

    /// <summary>Where a label stands in the line.</summary>
    private readonly record struct Label(Range Name, Range Value);
}
