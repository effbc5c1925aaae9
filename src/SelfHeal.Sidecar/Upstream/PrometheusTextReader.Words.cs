using System.Text;

namespace SelfHeal.Sidecar.Upstream;

/// <content>Words and labels.</content>
internal ref partial struct PrometheusTextReader
{
    // Prometheus itself takes thirty of a target by default; what has more is not metrics.
    private const int LabelsMax = 64;

    private readonly bool IsAtBlankOrEnd => _at == _line.Length || _line[_at] is (byte)' ' or (byte)'\t';

    private bool ReadLabels()
    {
        do
        {
            _at++; // The brace or the comma.
            SkipBlanks();
            if (Skip('}'))
                return true; // Also after a comma.
            if (!ReadLabel())
                return false;
            SkipBlanks();
        }
        while (_at < _line.Length && _line[_at] == ',');
        return Skip('}') || Fail("a comma or } after a label");
    }

    private bool ReadLabel()
    {
        var start = _at;
        var name = TakeName();
        if (name.IsEmpty || name.Contains((byte)':'))
            return Fail("the name of a label or }");
        var nameRange = start.._at;
        foreach (var label in _labels)
        {
            if (_line[label.Name].SequenceEqual(name))
                return Fail($"each label once, not {Encoding.ASCII.GetString(name)} twice");
        }

        if (_labels.Count == LabelsMax)
            return Fail($"at most {LabelsMax} labels");
        SkipBlanks();
        if (!Skip('='))
            return Fail("= after the name of a label");
        SkipBlanks();
        if (!Skip('"'))
            return Fail("the value of a label in double quotes");
        start = _at;
        while (_at < _line.Length && _line[_at] != '"')
        {
            if (_line[_at] == '\\' && (++_at == _line.Length || !@"\""n"u8.Contains(_line[_at])))
                return Fail(@"\\, \"" or \n after a backslash in the value of a label");
            _at++;
        }

        _labels.Add(new Label(nameRange, start.._at));
        return Skip('"') || Fail("a double quote at the end of the value of a label");
    }

    private void SkipBlanks()
    {
        while (_at < _line.Length && IsAtBlankOrEnd)
            _at++;
    }

    private bool Skip(char letter)
    {
        if (_at == _line.Length || _line[_at] != letter)
            return false;
        _at++;
        return true;
    }

    private ReadOnlySpan<byte> TakeWord()
    {
        var start = _at;
        while (!IsAtBlankOrEnd)
            _at++;
        return _line[start.._at];
    }

    /// <summary>Letters, digits, underscores and colons, of which the first is no digit; empty where there is none.
    /// </summary>
    private ReadOnlySpan<byte> TakeName()
    {
        var start = _at;
        while (_at < _line.Length && (char.IsAsciiLetter((char)_line[_at]) || _line[_at] is (byte)'_' or (byte)':'
            || (_at > start && char.IsAsciiDigit((char)_line[_at]))))
            _at++;
        return _line[start.._at];
    }

    private bool Fail(string expected)
    {
        Error ??= new PrometheusTextError(Line, expected);
        return false;
    }
}
