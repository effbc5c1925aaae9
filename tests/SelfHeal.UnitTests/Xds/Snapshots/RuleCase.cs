using Google.Protobuf.Reflection;
using SelfHeal.UnitTests.Xds.Resources.Descriptors;
using Validate;
using Type = Google.Protobuf.Reflection.FieldDescriptorProto.Types.Type;

namespace SelfHeal.UnitTests.Xds.Snapshots;

/// <summary>One kind of rule on a field, with values that keep it and values that break it.</summary>
/// <param name="Kind">As the validator names it.</param>
/// <param name="Field">The field with its rule.</param>
/// <param name="Good">YAML of the field's values; null leaves the field out.</param>
/// <param name="Bad">Likewise.</param>
internal sealed record RuleCase(string Kind, FieldDescriptorProto Field, string?[] Good, string?[] Bad)
{
    public override string ToString() => $"{Kind} {Field.Type} {Field.TypeName}";

    public static IEnumerable<RuleCase> All() => [.. Numbers(), .. Strings(), .. Others(), .. Lists()];

    public static DescriptorProto Enum(DescriptorProto message)
    {
        message.EnumType.Add(new EnumDescriptorProto
        {
            Name = "Colour",
            Value =
            {
                new EnumValueDescriptorProto { Name = "NONE", Number = 0 },
                new EnumValueDescriptorProto { Name = "RED", Number = 1 },
                new EnumValueDescriptorProto { Name = "BLUE", Number = 2 },
            },
        });
        return message;
    }

    private static RuleCase Of(
        string kind, Type type, FieldRules rules, string?[] good, string?[] bad, string typeName = "") =>
        new(kind, ProtoFile.Field("f", 2, type, typeName, rules), good, bad);

    private static IEnumerable<RuleCase> Numbers()
    {
        yield return Of("uint32.lt", Type.Uint32, new() { Uint32 = new() { Lt = 5 } }, ["4", null], ["5"]);
        yield return Of("uint32.lte", Type.Uint32, new() { Uint32 = new() { Lte = 5 } }, ["5"], ["6"]);
        yield return Of("uint32.gt", Type.Uint32, new() { Uint32 = new() { Gt = 5 } }, ["6"], ["5", null]);
        yield return Of("uint32.gte", Type.Uint32, new() { Uint32 = new() { Gte = 5 } }, ["5"], ["4", null]);
        yield return Of("uint32.gte", Type.Message, new() { Uint32 = new() { Gte = 5 } }, ["5", null], ["4", "0"],
            "google.protobuf.UInt32Value");
        yield return Of("uint32.gte", Type.Uint32, new() { Uint32 = new() { Gte = 5, IgnoreEmpty = true } },
            ["5", null, "0"], ["4"]);
        // The upper bound below the lower one: what lies between is shut out.
        yield return Of(
            "uint32.gt", Type.Uint32, new() { Uint32 = new() { Gt = 9, Lt = 3 } }, ["10", "2"], ["3", "5", "9"]);
        yield return Of("uint32.const", Type.Uint32, new() { Uint32 = new() { Const = 5 } }, ["5"], ["4"]);
        yield return Of("uint32.in", Type.Uint32, new() { Uint32 = new() { In = { 5, 7 } } }, ["5", "7"], ["6"]);
        yield return Of("uint32.not_in", Type.Uint32, new() { Uint32 = new() { NotIn = { 5 } } }, ["4"], ["5"]);
        yield return Of("uint64.lt", Type.Uint64, new() { Uint64 = new() { Lt = ulong.MaxValue } },
            ["18446744073709551614"], ["18446744073709551615"]);
        yield return Of("uint64.lte", Type.Uint64, new() { Uint64 = new() { Lte = 5 } }, ["5"], ["6"]);
        yield return Of("uint64.gt", Type.Uint64, new() { Uint64 = new() { Gt = 5 } }, ["6"], ["5"]);
        yield return Of("uint64.gte", Type.Uint64, new() { Uint64 = new() { Gte = 5 } }, ["5"], ["4"]);
        yield return Of("int32.gt", Type.Int32, new() { Int32 = new() { Gt = -5 } }, ["-4"], ["-5"]);
        yield return Of("int32.gte", Type.Int32, new() { Int32 = new() { Gte = -5 } }, ["-5"], ["-6"]);
        yield return Of("int32.lt", Type.Int32, new() { Int32 = new() { Lt = 5 } }, ["-4"], ["5"]);
        yield return Of("int32.lte", Type.Int32, new() { Int32 = new() { Lte = 5 } }, ["5"], ["6"]);
        yield return Of("int64.gt", Type.Int64, new() { Int64 = new() { Gt = 5 } }, ["6"], ["5"]);
        yield return Of("int64.gte", Type.Int64, new() { Int64 = new() { Gte = 5 } }, ["5"], ["4"]);
        yield return Of("int64.lt", Type.Int64, new() { Int64 = new() { Lt = 5 } }, ["4"], ["5"]);
        yield return Of("int64.lte", Type.Int64, new() { Int64 = new() { Lte = 5 } }, ["5"], ["6"]);
        yield return Of("sint32.gte", Type.Sint32, new() { Sint32 = new() { Gte = -5 } }, ["-5"], ["-6"]);
        yield return Of("sint64.gte", Type.Sint64, new() { Sint64 = new() { Gte = -5 } }, ["-5"], ["-6"]);
        yield return Of("fixed32.gte", Type.Fixed32, new() { Fixed32 = new() { Gte = 5 } }, ["5"], ["4"]);
        yield return Of("fixed64.gte", Type.Fixed64, new() { Fixed64 = new() { Gte = 5 } }, ["5"], ["4"]);
        yield return Of("sfixed32.gte", Type.Sfixed32, new() { Sfixed32 = new() { Gte = -5 } }, ["-5"], ["-6"]);
        yield return Of("sfixed64.gte", Type.Sfixed64, new() { Sfixed64 = new() { Gte = -5 } }, ["-5"], ["-6"]);
        yield return Of(
            "float.gt", Type.Float, new() { Float = new() { Gt = 0.5f } }, ["0.6", "Infinity"], ["0.5", "NaN"]);
        yield return Of("float.gte", Type.Float, new() { Float = new() { Gte = 0.5f } }, ["0.5"], ["0.4"]);
        yield return Of("double.gt", Type.Double, new() { Double = new() { Gt = 0.5 } }, ["0.6"], ["0.5", "NaN"]);
        yield return Of("double.gte", Type.Double, new() { Double = new() { Gte = 0.5 } }, ["0.5"], ["0.4"]);
        yield return Of("double.lt", Type.Double, new() { Double = new() { Lt = 0.5 } }, ["0.4"], ["0.5"]);
        yield return Of("double.lte", Type.Message, new() { Double = new() { Lte = 0.5 } }, ["0.5", null], ["0.6"],
            "google.protobuf.DoubleValue");
        yield return Of("bool.const", Type.Bool, new() { Bool = new() { Const = true } }, ["true"], ["false", null]);
    }

    private static IEnumerable<RuleCase> Strings()
    {
        static RuleCase Text(string kind, StringRules rules, string?[] good, string?[] bad) =>
            Of($"string.{kind}", Type.String, new() { String = rules }, good, bad);
        yield return Text(
            "min_len", new() { MinLen = 2 }, ["ab", "\"\U0001F600\U0001F600\""], ["a", "", null, "\"\U0001F600\""]);
        yield return Text("max_len", new() { MaxLen = 2 }, ["ab", null, "\"\U0001F600\U0001F600\""], ["abc"]);
        yield return Text("min_bytes", new() { MinBytes = 2 }, ["ab", "é"], ["a"]);
        yield return Text("max_bytes", new() { MaxBytes = 2 }, ["ab", "é"], ["abc", "éa"]);
        yield return Text("min_len", new() { MinLen = 2, IgnoreEmpty = true }, ["ab", "", null], ["a"]);
        yield return Text("len", new() { Len = 2 }, ["ab"], ["a"]);
        yield return Text("len_bytes", new() { LenBytes = 2 }, ["é"], ["éé"]);
        yield return Text("const", new() { Const = "a" }, ["a"], ["b"]);
        yield return Text("in", new() { In = { "a", "b" } }, ["a", "b"], ["c", null]);
        yield return Text("not_in", new() { NotIn = { "a" } }, ["b"], ["a"]);
        yield return Text("prefix", new() { Prefix = "ab" }, ["abc"], ["bab"]);
        yield return Text("suffix", new() { Suffix = "ab" }, ["cab"], ["abc"]);
        yield return Text("contains", new() { Contains = "ab" }, ["cabc"], ["acb"]);
        yield return Text("not_contains", new() { NotContains = "ab" }, ["acb"], ["cabc"]);
        // Envoy matches the whole value, and a pattern may end in an alternative.
        yield return Text("pattern", new() { Pattern = "a+|b" }, ["aa", "b"], ["aab", "bb", "\"a\\n\"", null]);
        yield return Text("ip", new() { Ip = true }, ["1.2.3.4", "\"::1\""], ["\"1.2\"", "host"]);
        yield return Text("ipv4", new() { Ipv4 = true }, ["1.2.3.4"], ["\"::1\""]);
        yield return Text("ipv6", new() { Ipv6 = true }, ["\"::1\""], ["1.2.3.4"]);
        yield return Text("hostname", new() { Hostname = true }, ["a-1.example"], ["-a", "a..b", "a_b"]);
        yield return Text("address", new() { Address = true }, ["1.2.3.4", "a.example"], ["a b", "1.2.3.400"]);
        yield return Text("email", new() { Email = true }, ["a@b.example"], ["a"]);
        yield return Text("uri", new() { Uri = true }, ["\"http://a/b\""], ["a b"]);
        yield return Text("uuid", new() { Uuid = true }, ["0f8fad5b-d9cb-469f-a165-70867728950e"], ["0f8fad5b"]);
        yield return Text("well_known_regex", new() { WellKnownRegex = KnownRegex.HttpHeaderName },
            [":path", "x-a"], ["a b", "\"a\\n\"", null]);
        yield return Text("well_known_regex", new() { WellKnownRegex = KnownRegex.HttpHeaderName, Strict = false },
            ["a b", null], ["\"a\\n\""]);
        yield return Text("well_known_regex", new() { WellKnownRegex = KnownRegex.HttpHeaderValue },
            ["\"a\\tb\"", null], ["\"a\\nb\"", "\"\\a\""]);
        yield return Text("well_known_regex", new() { WellKnownRegex = KnownRegex.HttpHeaderValue, Strict = false },
            ["\"\\a\""], ["\"a\\rb\""]);
    }

    private static IEnumerable<RuleCase> Others()
    {
        static RuleCase Raw(string kind, BytesRules rules, string?[] good, string?[] bad) =>
            Of($"bytes.{kind}", Type.Bytes, new() { Bytes = rules }, good, bad);
        yield return Raw("min_len", new() { MinLen = 2 }, ["YWI="], ["YQ==", null]);
        yield return Raw("max_len", new() { MaxLen = 2 }, ["YWI="], ["YWJj"]);
        yield return Raw("len", new() { Len = 2 }, ["YWI="], ["YWJj"]);
        yield return Raw("ip", new() { Ip = true }, ["fwAAAQ=="], ["YQ=="]);
        const string Colour = "M.Colour";
        yield return Of("enum.defined_only", Type.Enum, new() { Enum = new() { DefinedOnly = true } },
            ["RED", "2", null], ["3", "-1"], Colour);
        yield return Of("enum.const", Type.Enum, new() { Enum = new() { Const = 1 } }, ["RED"], ["BLUE", null], Colour);
        yield return Of(
            "enum.in", Type.Enum, new() { Enum = new() { In = { 1, 2 } } }, ["RED"], ["NONE", null], Colour);
        yield return Of(
            "enum.not_in", Type.Enum, new() { Enum = new() { NotIn = { 0 } } }, ["RED"], ["NONE", null], Colour);
        yield return Of("message.required", Type.Message, new() { Message = new() { Required = true } },
            ["{ f: 1 }"], [null], "Inner");
        yield return Of("message.skip", Type.Message, new() { Message = new() { Skip = true } }, ["{}"], [], "Inner");
        yield return Of("any.required", Type.Message, new() { Any = new() { Required = true } }, ["{}"], [null],
            "google.protobuf.Any");
        yield return Of("any.in", Type.Message, new() { Any = new() { In = { "type.googleapis.com/acme.v1.Inner" } } },
            ["{ \"@type\": x/acme.v1.Inner, f: 1 }"], ["{ \"@type\": x/google.protobuf.Empty }"],
            "google.protobuf.Any");
        static RuleCase Span(string kind, DurationRules rules, string?[] good, string?[] bad) =>
            Of($"duration.{kind}", Type.Message, new() { Duration = rules }, good, bad, "google.protobuf.Duration");
        yield return Span("required", new() { Required = true }, ["0s"], [null]);
        yield return Span("gt", new() { Gt = new() }, ["0.001s", null], ["0s", "-1s"]);
        yield return Span("gte", new() { Gte = new() { Nanos = 1_000_000 } }, ["0.001s"], ["0.0009s"]);
        yield return Span("lt", new() { Lt = new() { Seconds = 5 } }, ["4.9s"], ["5s"]);
        yield return Span("lte", new() { Lte = new() { Seconds = 5 } }, ["5s"], ["5.1s"]);
        yield return Span(
            "in", new() { In = { new Google.Protobuf.WellKnownTypes.Duration { Seconds = 5 } } }, ["5s"], ["4s"]);
        yield return Of("timestamp.required", Type.Message, new() { Timestamp = new() { Required = true } },
            ["\"2026-01-01T00:00:00Z\""], [null], "google.protobuf.Timestamp");
        yield return Of("timestamp.gt", Type.Message,
            new() { Timestamp = new() { Gt = new() { Seconds = 1_767_225_600 } } },
            ["\"2026-01-01T00:00:01Z\""], ["\"2026-01-01T00:00:00Z\""], "google.protobuf.Timestamp");
    }

    private static IEnumerable<RuleCase> Lists()
    {
        static RuleCase Many(
            string kind, Type type, RepeatedRules rules, string?[] good, string?[] bad, string typeName = "")
        {
            var made = Of($"repeated.{kind}", type, new() { Repeated = rules }, good, bad, typeName);
            made.Field.Repeated();
            return made;
        }
        yield return Many("min_items", Type.String, new() { MinItems = 1 }, ["[a]"], ["[]", null]);
        yield return Many("max_items", Type.String, new() { MaxItems = 1 }, ["[a]", null], ["[a, b]"]);
        yield return Many("unique", Type.String, new() { Unique = true }, ["[a, b]"], ["[a, a]"]);
        yield return Many(
            "unique", Type.Message, new() { Unique = true }, ["[{f: 1}, {f: 2}]"], ["[{f: 1}, {f: 1}]"], "Inner");
        yield return Many(
            "min_items", Type.String, new() { MinItems = 2, IgnoreEmpty = true }, ["[]", "[a, b]"], ["[a]"]);
        yield return Many("items", Type.String, new() { Items = new() { String = new() { MinLen = 2 } } },
            ["[ab]", null], ["[ab, c]"]) with
        { Kind = "string.min_len" };
        yield return Many("items", Type.Enum, new() { Items = new() { Enum = new() { DefinedOnly = true } } },
            ["[RED]"], ["[RED, 9]"], "M.Colour") with
        { Kind = "enum.defined_only" };
        yield return Many("items", Type.Message, new() { Items = new() { Message = new() { Skip = true } } },
            ["[{}]"], [], "Inner") with
        { Kind = "message.skip" };
    }
}
