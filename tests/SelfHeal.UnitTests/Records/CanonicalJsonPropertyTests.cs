using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using SelfHeal.Core.Records;

namespace SelfHeal.UnitTests.Records;

/// <summary>What holds for every value. FsCheck prints the seed of a failure.</summary>
public sealed class CanonicalJsonPropertyTests
{
    /// <summary>Characters that sort or escape in a special way, and every other one now and then.</summary>
    private static readonly Gen<string> Rune = Gen.Elements(
        "a", "b", "Z", "0", "\"", "\\", "/", "\0", "\n", "\u001f", "\u007f", "\u00f6", "\u20ac", "\ufb33", "\uffff",
        "\ud83d\ude00", "\U0010ffff", "\U00010000");

    private static readonly Gen<string> Text = Gen.ArrayOf(Rune).Select(string.Concat);

    private static readonly Gen<JsonValue> Scalar = Gen.OneOf(
        Text.Select(text => (JsonValue)new JsonText(text)),
        Gen.Zip(Gen.Choose(-1_000_000_000, 1_000_000_000), Gen.Choose(0, 23)).Select(Shifted),
        Gen.Elements<JsonValue>(new JsonBool(true), new JsonBool(false), JsonNull.Instance, new JsonInteger(0)));

    private static readonly Arbitrary<JsonValue> Values = Arb.From(Gen.Sized(size => ValueOf(Math.Min(size, 40))));

    private static readonly Config Thorough = Config.QuickThrowOnFailure.WithMaxTest(500);

    [Test]
    public void Write_ThenReadThenWrite_GivesTheSameBytes() => Check.One(Thorough, Prop.ForAll(Values, value =>
    {
        var written = CanonicalJson.Write(value);
        return CanonicalJson.TryRead(written, out var read, out _) && CanonicalJson.Write(read).SequenceEqual(written);
    }));

    [Test]
    public void Write_MembersInAnotherOrder_GivesTheSameBytes() => Check.One(Thorough, Prop.ForAll(Values, value =>
        CanonicalJson.Write(Reversed(value)).SequenceEqual(CanonicalJson.Write(value))));

    [Test]
    public void Write_AnyValue_IsJsonWithSortedNames() => Check.One(Thorough, Prop.ForAll(Values, value =>
    {
        using var document = JsonDocument.Parse(CanonicalJson.Write(value));
        return IsSorted(document.RootElement);
    }));

    [Test]
    public void PrettyWrite_AnyValue_IsTheSameJsonInTheGivenOrder() => Check.One(Thorough, Prop.ForAll(Values, value =>
    {
        using var pretty = JsonDocument.Parse(PrettyJson.Write(value));
        using var canonical = JsonDocument.Parse(CanonicalJson.Write(value));
        return JsonElement.DeepEquals(pretty.RootElement, canonical.RootElement);
    }));

    [Test]
    public void TryRead_AnyBytes_NeverThrows() =>
        Check.One(Thorough, Prop.ForAll(Values, Arb.From(Gen.Choose(0, 9999)), Damage));

    private static JsonValue Shifted((int Digits, int Bits) number) =>
        new JsonInteger((long)number.Digits << number.Bits);

    private static bool Damage(JsonValue value, int place)
    {
        var bytes = CanonicalJson.Write(value);
        bytes[place % bytes.Length] ^= (byte)(1 + (place % 255));
        return !CanonicalJson.TryRead(bytes, out var read, out _) || CanonicalJson.Write(read).SequenceEqual(bytes);
    }

    private static Gen<JsonValue> ValueOf(int size)
    {
        if (size <= 1)
            return Scalar;
        var child = ValueOf(size / 3);
        var items = Gen.ArrayOf(child).Resize(4).Select(all => (JsonValue)new JsonArray([.. all]));
        var members = Gen.ArrayOf(Gen.Zip(Text, child)).Resize(4).Select(all => (JsonValue)new JsonObject(
        [
            .. all.DistinctBy(pair => pair.Item1, StringComparer.Ordinal)
                .Select(pair => new JsonMember(pair.Item1, pair.Item2)),
        ]));
        return Gen.OneOf(Scalar, items, members);
    }

    private static JsonValue Reversed(JsonValue value) => value switch
    {
        JsonObject { Members: var members } => new JsonObject(
            [.. members.Reverse().Select(member => new JsonMember(member.Name, Reversed(member.Value)))]),
        JsonArray { Items: var items } => new JsonArray(items.Select(Reversed).ToImmutableArray()),
        _ => value,
    };

    private static bool IsSorted(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Array => element.EnumerateArray().All(IsSorted),
        JsonValueKind.Object => element.EnumerateObject().All(member => IsSorted(member.Value))
            && element.EnumerateObject().Select(member => Utf16(member.Name)).ToArray() is var names
            && names.Order(StringComparer.Ordinal).SequenceEqual(names, StringComparer.Ordinal),
        _ => true,
    };

    // Hexadecimal code units sort as the code units do, without any comparison of ours.
    private static string Utf16(string name) => Convert.ToHexString(Encoding.BigEndianUnicode.GetBytes(name));
}
