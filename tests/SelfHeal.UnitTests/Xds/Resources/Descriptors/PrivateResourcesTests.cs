using Google.Protobuf;
using SelfHeal.Xds.Resources;
using YamlDotNet.RepresentationModel;

namespace SelfHeal.UnitTests.Xds.Resources.Descriptors;

/// <summary>Resources of types that only a descriptor set knows, and of types that nothing knows.</summary>
public sealed class PrivateResourcesTests
{
    private const string Head = "\"@type\": type.googleapis.com/acme.v1.All\nname: a\n";

    [TestCase("double_value: 1.5", "E1 03 00 00 00 00 00 00 F8 3F")]
    [TestCase("int64_value: \"-1\"", "D0 03 FF FF FF FF FF FF FF FF FF 01")]
    [TestCase("uint64Value: 18446744073709551615", "C8 03 FF FF FF FF FF FF FF FF FF 01")]
    [TestCase("fixed32_value: 1", "B5 03 01 00 00 00")]
    [TestCase("sint32_value: -1", "F0 02 01")]
    [TestCase("enum_value: DARK", "88 03 FD FF FF FF FF FF FF FF FF 01")]
    [TestCase("bytesValue: _-8", "9A 03 02 FF EF")]
    [TestCase("int32_value: 0", "")]
    [TestCase("int32_value: null", "")]
    [TestCase("maybe: 0", "90 0A 00")]
    [TestCase("first: 0", "80 0A 00")]
    [TestCase("child: {}", "E2 02 00")]
    [TestCase("bool_value_list: [true, false]", "FA 0C 02 01 00")]
    [TestCase("string_value_list: [a, \"\"]", "82 0D 01 61 82 0D 00")]
    [TestCase("by_number: { \"10\": 1, \"9\": 0 }", "C2 09 02 08 09 C2 09 04 08 0A 10 01")]
    [TestCase("double_value: -0.0", "E1 03 00 00 00 00 00 00 00 80")]
    public void Parse_OneField_HasTheseBytes(string yaml, string expected)
    {
        var bytes = Convert.ToHexString(One(Head + yaml).ValueBytes.Span);
        var name = Convert.ToHexString([0xA2, 0x06, 0x01, 0x61]);
        var field = expected.Replace(" ", "", StringComparison.Ordinal);
        Assert.That(bytes, Is.EqualTo(field + name).Or.EqualTo(name + field));
    }

    [Test]
    public void Parse_EveryKind_SaysTheSameByGooglesDescriptors()
    {
        const string Yaml = Head + """
            double_value: NaN
            float_value: -Infinity
            int64_value: -9223372036854775808
            uint64_value: "18446744073709551615"
            int32_value: 1e3
            fixed64_value: 5
            fixed32_value: 6
            bool_value: true
            string_value: "2024"
            bytes_value: AQID
            uint32_value: 7
            enum_value: 1
            sfixed32_value: -8
            sfixed64_value: -9
            sint32_value: -10
            sint64_value: -11
            child: { stringValue: inner, child: {} }
            span: 1.000000001s
            wrapped: 0
            any: { "@type": type.googleapis.com/acme.v1.All, children: [{ int32_value: 1 }, {}] }
            data: { a: [1, "1", true, null, { b: {} }] }
            time: 2026-01-02T03:04:05Z
            double_value_list: [1, .5]
            enum_value_list: [RED, DARK, 7]
            sint64_value_list: [-1, 1]
            bytes_value_list: [AQ==, ""]
            by_name: { b: {}, a: { maybe: 0 } }
            by_number: { "-1": 1, "2": 0 }
            by_truth: { "true": x, "false": "" }
            second: 0
            """;
        var resource = One(Yaml);
        var text = new CanonicalText(PrivateTypes.Descriptors());
        var yaml = new YamlStream();
        yaml.Load(new StringReader(Yaml));
        Assert.That(
            text.OfBytes(PrivateTypes.All, ByteString.CopyFrom(resource.ValueBytes.Span)),
            Is.EqualTo(text.OfYaml(PrivateTypes.All, yaml.Documents[0].RootNode)));
        var json = ResourceJson.Format(resource, PrivateTypes.Index) ?? "";
        Assert.That(One(json, resource.TypeUrl).ContentHash, Is.EqualTo(resource.ContentHash));
    }

    [TestCase("strin_value: x", 3, 1, "strin_value",
        "acme.v1.All has no field 'strin_value'; did you mean 'string_value'?")]
    [TestCase("enum_value: RDE", 3, 13, "enum_value",
        "'RDE' is no acme.v1.All.Colour: NONE, RED, DARK; did you mean 'RED'?")]
    [TestCase("child: { child: { first: 1, second: 2 } }", 3, 29, "child.child.second",
        "only one of 'choice' may be set, and 'first' is")]
    [TestCase("by_number: { \"1\": 1, \"1.0\": 2 }", 3, 22, "by_number[\"1.0\"]", "is set twice")]
    [TestCase("by_truth: { yes: a }", 3, 13, "by_truth[\"yes\"]", "the key must be true or false")]
    [TestCase("fixed32_value: 4294967296", 3, 16, "fixed32_value", "is outside of [0, 4294967295]")]
    [TestCase("span: 99999999999999999999999999999999999s", 3, 7, "span", "must be a duration")]
    [TestCase("span: 79228162514264337593543950335s", 3, 7, "span", "is outside of")]
    [TestCase("time: 2026-13-01T00:00:00Z", 3, 7, "time", "must be an RFC 3339 time")]
    [TestCase("children: [{}, { maybe: x }]", 3, 25, "children[1].maybe", "whole number")]
    public void Parse_WrongField_IsToldWithItsPlace(string yaml, int line, int column, string field, string message)
    {
        var error = Parse(Head + yaml).Errors.Single();
        Assert.That(
            (error.File, error.Line, error.Column, error.Field), Is.EqualTo(("f.yaml", line, column, field)));
        Assert.That(error.Message, Does.Contain(message));
    }

    [Test]
    public void Parse_NestsTooDeep_IsTold()
    {
        var text = Head + "child: " + string.Concat(Enumerable.Repeat("{ child: ", 110)) + "{}" + new string('}', 110);
        Assert.That(Parse(text).Errors[0].Message, Does.Contain("nests deeper than 100 messages"));
    }

    [Test]
    public void Parse_TypeThatNothingKnows_IsRefusedByName()
    {
        const string Yaml = "\"@type\": " + TypeUrl.Cluster + "\nname: a\n"
            + "typed_extension_protocol_options: { x: { \"@type\": type.googleapis.com/acme.v1.Al, size: 1 } }";
        var without = ResourceFileParser.Parse([new ResourceFile("f.yaml", Yaml)]).Errors.Single();
        Assert.That(without.ToString(), Does.StartWith(
            "f.yaml:3:51: typed_extension_protocol_options[\"x\"]: unknown @type "
            + "'type.googleapis.com/acme.v1.Al': the API of this build has no acme.v1.Al"));
        var with = Parse(Yaml).Errors.Single();
        Assert.That(with.Message, Does.Contain("did you mean 'acme.v1.All'?").And.Contain("xds.descriptor_sets"));
    }

    [Test]
    public void Parse_UnknownTypeAsBytes_IsCarriedAsItIs()
    {
        var resource = One("\"@type\": " + TypeUrl.Cluster + "\nname: a\n"
            + "typed_extension_protocol_options: { x: { \"@type\": type.googleapis.com/un.Known, value: CAE= } }");
        var any = ((Envoy.Config.Cluster.V3.Cluster?)resource.Decode())?.TypedExtensionProtocolOptions["x"];
        Assert.That(any?.TypeUrl, Is.EqualTo("type.googleapis.com/un.Known"));
        Assert.That(any?.Value, Is.EqualTo(ByteString.CopyFrom(8, 1)));
    }

    [TestCase("value: CAE=, more: 1", "unknown @type")]
    [TestCase("value: \"%\"", "must be bytes in base64")]
    [TestCase("value: [1]", "unknown @type")]
    public void Parse_UnknownTypeInAnotherForm_IsRefused(string content, string message)
    {
        var result = Parse("\"@type\": " + TypeUrl.Cluster + "\nname: a\n"
            + "typed_extension_protocol_options: { x: { \"@type\": type.googleapis.com/un.Known, " + content + " } }");
        Assert.That(result.Errors.Single().Message, Does.Contain(message));
    }

    [Test]
    public void Parse_EnvelopeAroundBytes_NamesTheResource()
    {
        var resource = One("""
            "@type": type.googleapis.com/envoy.service.discovery.v3.Resource
            name: secret-sauce
            resource: { "@type": type.googleapis.com/un.Known, value: CAE= }
            """);
        Assert.That(
            (resource.TypeUrl, resource.Name, Convert.ToHexString(resource.ValueBytes.Span)),
            Is.EqualTo(("type.googleapis.com/un.Known", "secret-sauce", "0801")));
    }

    [TestCase("resource: { \"@type\": T, name: b }\nname: a", "is 'a', but the resource in it is named 'b'")]
    [TestCase("name: a", "must be set")]
    [TestCase("resource: 5", "must be a mapping")]
    [TestCase("resource: { \"@type\": T, name: b }\ncache_control: {}", "can be written in a file")]
    [TestCase("name: [a]\nresource: { \"@type\": T, name: b }", "must be a string")]
    public void Parse_BadEnvelope_IsTold(string yaml, string message)
    {
        var text = "\"@type\": type.googleapis.com/envoy.service.discovery.v3.Resource\n"
            + yaml.Replace("T", TypeUrl.Cluster, StringComparison.Ordinal);
        Assert.That(Parse(text).Errors.Single().Message, Does.Contain(message));
    }

    [Test]
    public void Parse_UnknownTypeWithoutEnvelope_LacksItsName() => Assert.That(
        Parse("\"@type\": type.googleapis.com/un.Known\nvalue: CAE=").Errors.Single().Message,
        Does.Contain("must be told from outside").And.Contain("envoy.service.discovery.v3.Resource"));

    [Test]
    public void Parse_TypeInSetAndInThePinnedApi_IsTheSets()
    {
        var file = ProtoFile.Of("envoy/config/cluster/v3/cluster.proto", ProtoFile.Message(
            "Cluster",
            ProtoFile.Field("name", 1, Google.Protobuf.Reflection.FieldDescriptorProto.Types.Type.String),
            ProtoFile.Field("brand_new", 900, Google.Protobuf.Reflection.FieldDescriptorProto.Types.Type.Bool)));
        file.Package = "envoy.config.cluster.v3";
        var result = ResourceFileParser.Parse(
            [new ResourceFile("f.yaml", "\"@type\": " + TypeUrl.Cluster + "\nname: a\nbrand_new: true")],
            ProtoFile.Index(file));
        Assert.That(result.Errors, Is.Empty);
        var known = (Envoy.Config.Cluster.V3.Cluster?)result.Resources.Single().Decode();
        Assert.That(known?.Name, Is.EqualTo("a"));
        Assert.That(
            known.ToByteArray(), Is.EqualTo(result.Resources[0].ValueBytes.ToArray()), "unknown fields survive");
    }

    private static XdsResource One(string text, string? defaultTypeUrl = null)
    {
        var result = Parse(text, defaultTypeUrl);
        Assert.That(result.Errors, Is.Empty);
        return result.Resources.Single();
    }

    private static ResourceParseResult Parse(string text, string? defaultTypeUrl = null) =>
        ResourceFileParser.Parse([new ResourceFile("f.yaml", text, defaultTypeUrl)], PrivateTypes.Index);
}
