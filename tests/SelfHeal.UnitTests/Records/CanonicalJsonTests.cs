using System.Text;
using SelfHeal.Core.Records;

namespace SelfHeal.UnitTests.Records;

public sealed class CanonicalJsonTests
{
    [Test]
    public void Write_SortingExampleOfRfc8785_SortsByUtf16CodeUnits()
    {
        // Section 3.2.3: the emoji sorts by its first surrogate, before U+FB33 though its code point is larger.
        var value = new JsonObject(
        [
            new("\u20ac", "Euro Sign"),
            new("\r", "Carriage Return"),
            new("\ufb33", "Hebrew Letter Dalet With Dagesh"),
            new("1", "One"),
            new("\ud83d\ude00", "Emoji: Grinning Face"),
            new("\u0080", "Control"),
            new("\u00f6", "Latin Small Letter O With Diaeresis"),
        ]);
        Assert.That(Text(value), Is.EqualTo(
            "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\","
            + "\"\u00f6\":\"Latin Small Letter O With Diaeresis\",\"\u20ac\":\"Euro Sign\","
            + "\"\ud83d\ude00\":\"Emoji: Grinning Face\",\"\ufb33\":\"Hebrew Letter Dalet With Dagesh\"}"));
    }

    [Test]
    public void Write_SampleOfRfc8785WithoutItsFractions_IsTheRfcsOutput()
    {
        // Section 3.2.2: numbers that are no integers do not exist here.
        var value = new JsonObject(
        [
            new("string", "\u20ac$\u000F\nA'\u0042\u0022\u005c\\\"/"),
            new("literals", new JsonArray([JsonNull.Instance, new JsonBool(true), new JsonBool(false)])),
        ]);
        Assert.That(
            Text(value),
            Is.EqualTo("{\"literals\":[null,true,false],\"string\":\"\u20ac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}"));
    }

    [Test]
    public void Write_SampleOfRfc8785_IsUtf8() => Assert.That(
        CanonicalJson.Write(new JsonText("\u20ac\ud83d\ude00")),
        Is.EqualTo(new byte[] { 0x22, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80, 0x22 }));

    [Test]
    public void Write_EveryControlCharacter_IsEscapedTheOneWay()
    {
        var shortForms = new Dictionary<char, string>
        {
            ['\b'] = "\\b",
            ['\t'] = "\\t",
            ['\n'] = "\\n",
            ['\f'] = "\\f",
            ['\r'] = "\\r",
        };
        for (var character = '\0'; character < ' '; character++)
        {
            var escaped = shortForms.GetValueOrDefault(character, $"\\u{(int)character:x4}");
            Assert.That(Text(new JsonText($"{character}")), Is.EqualTo($"\"{escaped}\""));
        }
    }

    [TestCase("\u007f")]
    [TestCase("\u2028")]
    [TestCase("/")]
    [TestCase("<&>'")]
    public void Write_CharacterThatNeedsNoEscape_StandsForItself(string text) =>
        Assert.That(Text(new JsonText(text)), Is.EqualTo($"\"{text}\""));

    [TestCase(0, "0")]
    [TestCase(-1, "-1")]
    [TestCase(JsonInteger.Max, "9007199254740991")]
    [TestCase(-JsonInteger.Max, "-9007199254740991")]
    public void Write_Integer_IsItsDigits(long value, string expected) =>
        Assert.That(Text(new JsonInteger(value)), Is.EqualTo(expected));

    [Test]
    public void Write_EmptyObjectAndArray_HaveNoSpace() => Assert.That(
        Text(new JsonObject([new("b", new JsonArray([])), new("a", new JsonObject([]))])),
        Is.EqualTo("{\"a\":{},\"b\":[]}"));

    [TestCase(JsonInteger.Max + 1)]
    [TestCase(-JsonInteger.Max - 1)]
    public void Integer_BeyondWhatEveryReaderUnderstands_IsRefused(long value) =>
        Assert.That(() => new JsonInteger(value), Throws.InstanceOf<ArgumentException>());

    [Test]
    public void Text_HalfASurrogatePair_IsRefused()
    {
        // Not test cases: the compiler keeps the strings of attributes in UTF-8, which cannot say this.
        foreach (var text in new[] { "\ud83d", "\ude00", "a\ude00\ud83d" })
        {
            Assert.That(() => new JsonText(text), Throws.InstanceOf<ArgumentException>());
            Assert.That(() => new JsonObject([new(text, 1)]), Throws.InstanceOf<ArgumentException>());
        }
    }

    [Test]
    public void Object_NameTwice_IsRefused() =>
        Assert.That(() => new JsonObject([new("a", 1), new("a", 2)]), Throws.InstanceOf<ArgumentException>());

    [Test]
    public void Value_NestedToTheLimit_IsReadBackAndOneMoreIsRefused()
    {
        JsonValue value = JsonNull.Instance;
        for (var level = 0; level < JsonValue.MaxDepth; level++)
            value = new JsonArray([value]);
        Assert.That(CanonicalJson.TryRead(CanonicalJson.Write(value), out var read, out _), Is.True);
        Assert.That(read, Is.EqualTo(value));
        Assert.That(() => new JsonArray([value]), Throws.ArgumentException);
        Assert.That(CanonicalJson.TryRead(Utf8($"[{Text(value)}]"), out _, out _), Is.False);
    }

    [TestCase("", Description = "nothing")]
    [TestCase("1 ", Description = "white space")]
    [TestCase("{\"b\":1,\"a\":2}", Description = "names out of order")]
    [TestCase("{\"a\":1,\"a\":1}", Description = "a name twice")]
    [TestCase("\"\\u0041\"", Description = "an escape too many")]
    [TestCase("\"\\u000A\"", Description = "a long escape")]
    [TestCase("\"\\ud83d\"", Description = "half a surrogate pair")]
    [TestCase("-0", Description = "another zero")]
    [TestCase("1.0", Description = "a fraction")]
    [TestCase("1e3", Description = "an exponent")]
    [TestCase("9007199254740992", Description = "too large")]
    [TestCase("1 2", Description = "two values")]
    [TestCase("[1", Description = "cut off")]
    [TestCase("[1,]", Description = "a comma too many")]
    [TestCase("// hello", Description = "a comment")]
    public void TryRead_NotCanonical_IsRefusedWithAReason(string json)
    {
        Assert.That(CanonicalJson.TryRead(Utf8(json), out var value, out var problem), Is.False);
        Assert.That(value, Is.Null);
        Assert.That(problem, Is.Not.Empty);
    }

    [Test]
    public void TryRead_BrokenUtf8_IsRefused() =>
        Assert.That(CanonicalJson.TryRead([0x22, 0xc3, 0x28, 0x22], out _, out _), Is.False);

    private static string Text(JsonValue value) => Encoding.UTF8.GetString(CanonicalJson.Write(value));

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
