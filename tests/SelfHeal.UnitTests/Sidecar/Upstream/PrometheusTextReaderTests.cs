using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using SelfHeal.Sidecar.Upstream;

namespace SelfHeal.UnitTests.Sidecar.Upstream;

[TestFixture]
public sealed class PrometheusTextReaderTests
{
    private static readonly FsCheck.Config Thorough = FsCheck.Config.QuickThrowOnFailure.WithMaxTest(2_000);

    /// <summary>Pieces of the format in any order, so that nearly right texts are frequent.</summary>
    private static readonly Arbitrary<string> Texts = Arb.From(Gen.ArrayOf(Gen.Elements(
        "a", "a_bucket", "a_sum", "b", "{", "}", "l=\"1\"", "le=\"+Inf\"", "\"", "\\", ",", "=", " ", "\t", "\n", "# ",
        "HELP a", "# TYPE a counter\n", "# TYPE a histogram\n", " 1\n", "1e9", "NaN", "+Inf", "-", "\u00e9", "a 1\n"))
        .Select(string.Concat));

    private static readonly Arbitrary<(string Label, double Value, long? Time)> Samples = Arb.From(
        from label in Gen.ArrayOf(Gen.Elements('a', '\\', '"', '\n', ' ', ',', '}', '\u00e9')).Select(string.Concat)
        from value in Gen.Elements(0, 1, -2.5, 1e300, double.NaN, double.PositiveInfinity, double.NegativeInfinity)
        from time in Gen.Elements<long?>(null, 0, -1, long.MaxValue)
        select (label, value, time));

    private static IEnumerable<TestCaseData> Readable =>
    [
        Case("", "", "nothing"),
        Case("\n \t\n# a comment\n#\n#HELPER\n", "", "empty lines and comments"),
        Case("a 1\n", "a||Untyped|a{}|1", "not declared"),
        Case("  a\t 1 \t\n", "a||Untyped|a{}|1", "blanks"),
        Case("a:b_1 .5e+3 -17\n", "a:b_1||Untyped|a:b_1{}|500", "a time"),
        Case("a{} 1\n", "a||Untyped|a{}|1", "no labels"),
        Case("a {x = \"1\" , } 1\n", "a||Untyped|a{x=\"1\"}|1", "a comma at the end"),
        Case("a{y=\"2\",x=\"1\"} 1\n", "a||Untyped|a{x=\"1\",y=\"2\"}|1", "labels have no order"),
        Case("a{x=\"\\\\ \\\" \\n }\"} 1\n", "a||Untyped|a{x=\"\\ \" \n }\"}|1", "escapes"),
        Case("# HELP a what \\n it {is\n# TYPE a gauge\na NaN\n", "a||Gauge|a{}|NaN", "declared"),
        Case("# TYPE a counter\n# HELP a\na Inf\n", "a||Counter|a{}|Infinity", "HELP of no words, behind TYPE"),
        Case("# TYPE a counter\na_sum 1\n", "a_sum||Untyped|a_sum{}|1", "an ending that a counter does not have"),
        Case(
            "# TYPE a summary\na{quantile=\"0.5\"} 1\na_count 2\n",
            "a||Summary|a{quantile=\"0.5\"}|1 a|_count|Summary|a_count{}|2",
            "summary"),
        Case(
            "# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_sum -Inf\na_count 1\n",
            "a|_bucket|Histogram|a_bucket{le=\"+Inf\"}|1 a|_sum|Histogram|a_sum{}|-Infinity "
            + "a|_count|Histogram|a_count{}|1",
            "histogram"),
    ];

    [TestCaseSource(nameof(Readable))]
    public string TryRead_WhatTheFormatAllows_IsRead(string text)
    {
        var (samples, error) = Read(text);
        Assert.That(error, Is.Null);
        return string.Join(' ', samples);
    }

    [TestCase("a 1", 1, "a line feed at the end of the last line")]
    [TestCase("a 1\r\n", 1, "a number, NaN, +Inf or -Inf as the value")]
    [TestCase("\n1a 1\n", 2, "a comment or the name of a metric")]
    [TestCase("a-b 1\n", 1, "labels or a blank after a")]
    [TestCase("a\n", 1, "a number, NaN, +Inf or -Inf as the value")]
    [TestCase("a x\n", 1, "a number, NaN, +Inf or -Inf as the value")]
    [TestCase("a Infinity\n", 1, "a number, NaN, +Inf or -Inf as the value")]
    [TestCase("a 0x1p3\n", 1, "a number, NaN, +Inf or -Inf as the value")]
    [TestCase("a 1e999\n", 1, "a number, NaN, +Inf or -Inf as the value")]
    [TestCase("a 1 1.5\n", 1, "a time in milliseconds or the end of the line")]
    [TestCase("a 1 2 3\n", 1, "a time in milliseconds or the end of the line")]
    [TestCase("a{1=\"\"} 1\n", 1, "the name of a label or }")]
    [TestCase("a{b:c=\"\"} 1\n", 1, "the name of a label or }")]
    [TestCase("a{,} 1\n", 1, "the name of a label or }")]
    [TestCase("a{x} 1\n", 1, "= after the name of a label")]
    [TestCase("a{x=1} 1\n", 1, "the value of a label in double quotes")]
    [TestCase("a{x=\"1} 1\n", 1, "a double quote at the end of the value of a label")]
    [TestCase("a{x=\"\\t\"} 1\n", 1, "\\\\, \\\" or \\n after a backslash in the value of a label")]
    [TestCase("a{x=\"\\", 1, "a line feed at the end of the last line")]
    [TestCase("a{x=\"\\\n", 1, "\\\\, \\\" or \\n after a backslash in the value of a label")]
    [TestCase("a{x=\"1\" y=\"2\"} 1\n", 1, "a comma or } after a label")]
    [TestCase("a{x=\"1\",x=\"2\"} 1\n", 1, "each label once, not x twice")]
    [TestCase("# HELP\n", 1, "the name of a metric after HELP")]
    [TestCase("# HELP a-b c\n", 1, "the name of a metric after HELP")]
    [TestCase("# TYPE a\n", 1, "counter, gauge, histogram, summary or untyped, and the end of the line")]
    [TestCase("# TYPE a info\n", 1, "counter, gauge, histogram, summary or untyped, and the end of the line")]
    [TestCase("# TYPE a gauge b\n", 1, "counter, gauge, histogram, summary or untyped, and the end of the line")]
    [TestCase("# TYPE a gauge\n# TYPE a gauge\n", 2, "one TYPE of a, before its samples")]
    [TestCase("# HELP a b\n# HELP a b\n", 2, "one HELP of a, before its samples")]
    [TestCase("a 1\n# TYPE a gauge\n", 2, "one TYPE of a, before its samples")]
    [TestCase("a 1\n# HELP a b\n", 2, "one HELP of a, before its samples")]
    [TestCase("a 1\nb 1\na 2\n", 3, "all lines of a in one place")]
    [TestCase("a 1\nb 1\n# TYPE a gauge\n", 3, "all lines of a in one place")]
    [TestCase("# TYPE a histogram\na 1\n", 2, "a with one of the endings of a histogram")]
    public void TryRead_WhatTheFormatForbids_IsNamedWithItsLine(string text, int line, string expected)
    {
        Assert.That(Read(text).Error, Is.EqualTo(new PrometheusTextError(line, expected)));
    }

    [Test]
    public void TryRead_BytesThatAreNoText_AreNamed()
    {
        var reader = new PrometheusTextReader([(byte)'#', 0xC3, (byte)'\n']);

        Assert.That(reader.TryRead(), Is.False);
        Assert.That(reader.Error?.ToString(), Is.EqualTo("line 1: expected valid UTF-8"));
    }

    [Test]
    public void TryRead_TooManyLabels_IsAnError()
    {
        var labels = string.Join(',', Enumerable.Range(0, 65).Select(static i => $"l{i}=\"\""));

        Assert.That(Read($"a{{{labels}}} 1\n").Error?.Expected, Is.EqualTo("at most 64 labels"));
    }

    [Test]
    public void TryRead_AnyText_EndsAndNamesAtMostOneError() => Check.One(Thorough, Prop.ForAll(Texts, text =>
    {
        var (samples, error) = Read(text);
        return samples.Count <= text.Length && (error is null || error.Line >= 1);
    }));

    [Test]
    public void TryRead_WrittenSample_IsTheSame() => Check.One(Thorough, Prop.ForAll(Samples, sample =>
    {
        var value = double.IsInfinity(sample.Value)
            ? sample.Value > 0 ? "+Inf" : "-Inf"
            : sample.Value.ToString("R", CultureInfo.InvariantCulture);
        var label = sample.Label.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        var line = string.Create(CultureInfo.InvariantCulture, $"a{{x=\"{label}\"}} {value} {sample.Time}\n");
        var reader = new PrometheusTextReader(Encoding.UTF8.GetBytes(line));
        return reader.TryRead()
            && reader.Value.Equals(sample.Value)
            && reader.TryGetLabel("x", out var read) && read == sample.Label
            && !reader.TryGetLabel("y", out _)
            && !reader.TryRead() && reader.Error is null;
    }));

    private static (List<string> Samples, PrometheusTextError? Error) Read(string text)
    {
        var samples = new List<string>();
        var reader = new PrometheusTextReader(Encoding.UTF8.GetBytes(text));
        while (reader.TryRead())
        {
            samples.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"{reader.Family}|{reader.Suffix}|{reader.Type}|{reader.Series()}|{reader.Value}"));
        }

        return (samples, reader.Error);
    }

    private static TestCaseData Case(string text, string samples, string name) =>
        new TestCaseData(text).Returns(samples).SetArgDisplayNames(name);
}
