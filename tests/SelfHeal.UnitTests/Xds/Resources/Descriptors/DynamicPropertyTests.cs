using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using SelfHeal.Core.Time;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Resources.Descriptors;

namespace SelfHeal.UnitTests.Xds.Resources.Descriptors;

/// <summary>What must hold for every message, whatever is in it.</summary>
public sealed class DynamicPropertyTests
{
    private static readonly MessageSchema Schema =
        PrivateTypes.Index.Find(PrivateTypes.All) ?? throw new AssertionException("no schema");

    [Test]
    public void AnyMessage_EncodedAndDecoded_IsTheSame() => Check(static seed =>
    {
        var bytes = DynamicEncoder.Encode(Random(seed));
        var again = DynamicDecoder.Decode(Schema, bytes) ?? throw new AssertionException("undecodable");
        Assert.That(DynamicEncoder.Encode(again), Is.EqualTo(bytes));
    });

    [Test]
    public void AnyMessage_WrittenAsJsonAndRead_HasTheSameBytes() => Check(static seed =>
    {
        var message = Random(seed);
        message.Set(Schema.Find("name")!, "n"); // It is there.
        var resource = XdsResource.FromBytes("type.googleapis.com/acme.v1.All", "n", DynamicEncoder.Encode(message));
        var json = ResourceJson.Format(resource, PrivateTypes.Index) ?? "";
        var back = ResourceFileParser.Parse([new ResourceFile("f.json", json, resource.TypeUrl)], PrivateTypes.Index);
        Assert.That(back.Errors, Is.Empty, json);
        Assert.That(back.Resources[0].ValueBytes.ToArray(), Is.EqualTo(resource.ValueBytes.ToArray()), json);
    });

    [Test]
    public void AnyMessage_Damaged_IsReadOrRefused() => Check(static seed =>
    {
        var random = new SeededRandomSource((ulong)seed);
        var bytes = DynamicEncoder.Encode(Random(seed));
        if (bytes.Length == 0)
            return;
        for (var mutation = random.NextInt32(4); mutation >= 0; mutation--)
            bytes[random.NextInt32(bytes.Length)] = (byte)random.NextInt32(256);
        var resource = XdsResource.FromBytes("type.googleapis.com/acme.v1.All", "n", bytes);
        _ = ResourceJson.Format(resource, PrivateTypes.Index);
        _ = PrivateTypes.Index.FindingsOf(resource);
    });

    [Test]
    public void AnyText_AsAResource_IsReadOrTold()
    {
        // Every scalar of a good file in the place of every other.
        string[] values = ["", "a", "1", "-1", "1.5", "1e400", "NaN", "true", "null", "~", "\"\"", "[]", "{}", "[1]",
            "{ a: b }", "1s", "-0.000000001s", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00+99:99", "a.b,c", "*x",
            "9223372036854775808", "-9223372036854775809", "\"\\ud800\"", "{ \"@type\": 5 }", "{ \"@type\": [] }",
            "{ \"@type\": x/acme.v1.All, value: 1 }", "{ \"@type\": x/google.protobuf.Duration, value: 1s }"];
        foreach (var field in Schema.Fields)
        {
            foreach (var value in values)
            {
                var text = $"\"@type\": x/acme.v1.All\nname: n\n{field.Name}: {value}\n";
                var parsed = ResourceFileParser.Parse([new ResourceFile("f.yaml", text)], PrivateTypes.Index);
                Assert.That(parsed.Resources.Length + parsed.Errors.Length, Is.GreaterThan(0), text);
            }
        }
    }

    private static void Check(Action<int> property) => FsCheck.Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue)), property));

    private static DynamicMessage Random(int seed) => Random(new SeededRandomSource((ulong)seed), 0);

    private static DynamicMessage Random(SeededRandomSource random, int depth)
    {
        var message = new DynamicMessage(Schema);
        foreach (var field in Schema.Fields)
        {
            // Deeper there is less of everything, so that it ends.
            if (random.NextInt32(2 + (4 * depth)) != 0 || field.Name is "any" or "data" or "span" or "time")
                continue;
            if (field.IsMap)
            {
                var map = message.MapOf(field);
                for (var count = random.NextInt32(3); count > 0; count--)
                    map[Value(random, field.Message.Find(1)!, depth)] = Value(random, field.Message.Find(2)!, depth);
            }
            else if (field.IsRepeated)
            {
                for (var count = random.NextInt32(3); count > 0; count--)
                    message.ListOf(field).Add(Value(random, field, depth));
            }
            else
                message.Set(field, Value(random, field, depth));
        }
        return message;
    }

    private static object Value(SeededRandomSource random, FieldSchema field, int depth)
    {
        var bits = ((ulong)random.NextInt32(int.MaxValue) << 33) ^ (ulong)random.NextInt32(int.MaxValue);
        bits = random.NextInt32(3) == 0 ? 0 : bits >> random.NextInt32(64);
        return field.Kind switch
        {
            FieldType.Message when field.Message.FullName is "google.protobuf.UInt32Value" => Wrapper(
                field.Message, (uint)bits),
            FieldType.Message => Random(random, depth + 1),
            FieldType.String => bits == 0 ? "" : $"é{bits}",
            FieldType.Bytes => ByteString.CopyFrom(BitConverter.GetBytes(bits)),
            FieldType.Bool => bits % 2 == 1,
            FieldType.Float => (float)bits,
            FieldType.Double => BitConverter.UInt64BitsToDouble(bits) is var number && double.IsNaN(number)
                ? double.NaN : number,
            FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 => (long)bits,
            FieldType.UInt64 or FieldType.Fixed64 => bits,
            FieldType.UInt32 or FieldType.Fixed32 => (uint)bits,
            _ => (int)bits,
        };
    }

    private static DynamicMessage Wrapper(MessageSchema type, uint value)
    {
        var wrapper = new DynamicMessage(type);
        wrapper.Set(type.Fields[0], value);
        return wrapper;
    }
}
