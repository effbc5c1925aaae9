using System.Globalization;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using SelfHeal.UnitTests.Xds.Resources.Descriptors;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Resources.Descriptors;
using SelfHeal.Xds.Snapshots;
using Validate;
using Type = Google.Protobuf.Reflection.FieldDescriptorProto.Types.Type;

namespace SelfHeal.UnitTests.Xds.Snapshots;

/// <summary>Every kind of rule that an API can write on its fields, kept and broken.</summary>
public sealed class ApiRulesTests
{
    private static IEnumerable<TestCaseData> Cases() =>
        RuleCase.All().Select(static rule => new TestCaseData(rule).SetArgDisplayNames(rule.ToString()));

    [TestCaseSource(nameof(Cases))]
    public void Validate_OneRule_TellsWhatBreaksItAndNothingElse(object given)
    {
        var rule = (RuleCase)given;
        foreach (var good in rule.Good)
            Assert.That(Errors(rule, good), Is.Empty, good);
        foreach (var bad in rule.Bad)
        {
            var error = Errors(rule, bad).Single();
            Assert.That(error.Message, Does.EndWith($" (rule {rule.Kind})"), bad);
            Assert.That(error.Field, Does.StartWith("f"), bad);
        }
    }

    [Test]
    public void EnvoyApi_RulesThatItUses_AreCountedAndEachHasACase()
    {
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var file in EnvoyApiSet.Files().File)
        {
            foreach (var message in file.MessageType)
                Count(message, counts);
        }
        var told = new StringBuilder();
        foreach (var (kind, count) in counts)
            told.Append(CultureInfo.InvariantCulture, $"{kind}: {count}\n");
        GoldenFile.Check("Descriptors/ApiRuleKinds.txt", told.ToString());
        var tested = RuleCase.All().Select(static rule => rule.Kind)
            .Concat(["oneof.required", "map.min_pairs", "map.keys", "map.values", "repeated.items", "message.disabled"])
            .ToHashSet(StringComparer.Ordinal);
        Assert.That(
            counts.Keys.Where(kind => !tested.Contains(kind) && !kind.EndsWith(
                ".ignore_empty", StringComparison.Ordinal)
                && !kind.EndsWith(".strict", StringComparison.Ordinal)),
            Is.Empty);
    }

    [Test]
    public void EnvoyApi_EveryPattern_IsChecked()
    {
        var patterns = EnvoyApiSet.Files().File.SelectMany(static file => file.MessageType)
            .SelectMany(static message => (DescriptorProto[])[message, .. message.NestedType])
            .SelectMany(static message => message.Field)
            .Select(static field => field.Options?.GetExtension(ValidateExtensions.Rules)?.String?.Pattern)
            .Where(static pattern => !string.IsNullOrEmpty(pattern))
            .ToList();
        Assert.That(patterns, Is.Not.Empty);
        Assert.That(patterns.Where(static pattern => TextRules.Compile(pattern!) is null), Is.Empty);
    }

    [Test]
    public void Validate_MapRules_TellPairsKeysAndValues()
    {
        var rules = new FieldRules
        {
            Map = new MapRules
            {
                MinPairs = 1,
                MaxPairs = 2,
                Keys = new FieldRules { String = new StringRules { MinLen = 2 } },
                Values = new FieldRules { Uint32 = new UInt32Rules { Lt = 5 } },
            },
        };
        var index = ProtoFile.Index(ProtoFile.Of("a.proto", Named("M").WithMap(
            "f",
            2,
            ProtoFile.Field("key", 1, Type.String),
            ProtoFile.Field("value", 2, Type.Uint32),
            rules)));
        Assert.That(Messages(index, "f: { ab: 4 }"), Is.Empty);
        Assert.That(
            Messages(index, ""), Is.EqualTo(new[] { "f: must hold at least 1 items, not 0 (rule map.min_pairs)" }));
        Assert.That(Messages(index, "f: { ab: 4, a: 1, bc: 9 }"), Is.EqualTo(new[]
        {
            "f: must hold at most 2 items, not 3 (rule map.max_pairs)",
            "f[\"a\"]: the key must be at least 2 characters long (rule string.min_len)",
            "f[\"bc\"]: must be less than 5, not 9 (rule uint32.lt)",
        }));
    }

    [Test]
    public void Validate_OneofThatMustBeSet_IsTold()
    {
        var message = Named("M");
        message.OneofDecl.Add(new OneofDescriptorProto { Name = "choice", Options = new OneofOptions() });
        message.OneofDecl[0].Options.SetExtension(ValidateExtensions.Required, true);
        foreach (var (name, number) in (ReadOnlySpan<(string, int)>)[("one", 2), ("two", 3)])
        {
            var rules = new FieldRules { Uint32 = new UInt32Rules { Gte = 5 } };
            var field = ProtoFile.Field(name, number, Type.Uint32, rules: rules);
            field.OneofIndex = 0;
            message.Field.Add(field);
        }
        var index = ProtoFile.Index(ProtoFile.Of("a.proto", message));
        Assert.That(Messages(index, ""), Is.EqualTo(new[] { "choice: one of one, two must be set (rule required)" }));
        Assert.That(Messages(index, "two: 5"), Is.Empty, "a rule of the other is not about it");
        Assert.That(
            Messages(index, "two: 0"), Is.EqualTo(new[] { "two: must be at least 5, not 0 (rule uint32.gte)" }));
    }

    [Test]
    public void Validate_OptionalScalar_IsCheckedOnlyWhereItIsSet()
    {
        var message = Named("M");
        message.OneofDecl.Add(new OneofDescriptorProto { Name = "_f" });
        var field = ProtoFile.Field("f", 2, Type.Uint32, rules: new() { Uint32 = new() { Gte = 5 } });
        (field.OneofIndex, field.Proto3Optional) = (0, true);
        message.Field.Add(field);
        var index = ProtoFile.Index(ProtoFile.Of("a.proto", message));
        Assert.That(Messages(index, ""), Is.Empty);
        Assert.That(Messages(index, "f: 0"), Has.Length.EqualTo(1));
    }

    [Test]
    public void Validate_MessageWithoutRules_IsNotLookedInto()
    {
        var message = Named("M");
        message.Field.Add(ProtoFile.Field("f", 2, Type.Uint32, rules: new() { Uint32 = new() { Gte = 5 } }));
        message.Options = new MessageOptions();
        message.Options.SetExtension(ValidateExtensions.Disabled, true);
        Assert.That(Messages(ProtoFile.Index(ProtoFile.Of("a.proto", message)), ""), Is.Empty);
    }

    [Test]
    public void Validate_AnyInAny_IsCheckedByItsOwnType()
    {
        var index = IndexOf(ProtoFile.Field("f", 2, Type.Message, "google.protobuf.Any"));
        var errors = Messages(
            index, "f: { \"@type\": x/acme.v1.Holder, any: { \"@type\": x/acme.v1.Inner, f: 0 } }");
        Assert.That(errors, Is.EqualTo(new[] { "f.any.f: must be at least 1, not 0 (rule uint32.gte)" }));
    }

    [Test]
    public void Validate_AnyWhoseBytesAreAnotherMessage_IsTold()
    {
        var index = IndexOf(ProtoFile.Field("f", 2, Type.Message, "google.protobuf.Any"));
        byte[] bytes = [0x0A, 0x01, 0x61, 0x12, 0x07, 0x0A, 0x05, .. "x/no."u8];
        var resource = XdsResource.FromBytes("type.googleapis.com/acme.v1.M", "a", bytes);
        Assert.That(Validate(index, resource), Is.Empty, "an unknown type is carried as it is");

        var inner = new Google.Protobuf.WellKnownTypes.Any
        {
            TypeUrl = "type.googleapis.com/acme.v1.Inner",
            Value = ByteString.CopyFrom(0x08),
        }.ToByteArray();
        bytes = [0x0A, 0x01, 0x61, 0x12, (byte)inner.Length, .. inner];
        resource = XdsResource.FromBytes("type.googleapis.com/acme.v1.M", "a", bytes);
        Assert.That(
            Validate(index, resource).Single().ToString(), Does.EndWith("'a' f: the bytes are no acme.v1.Inner"));
    }

    [Test]
    public void Validate_SeveralBrokenRules_AreAllTold()
    {
        var message = Named("M");
        message.Field.Add(ProtoFile.Field("f", 2, Type.Uint32, rules: new() { Uint32 = new() { Gte = 5 } }));
        message.Field.Add(ProtoFile.Field("g", 3, Type.String, rules: new() { String = new() { MinLen = 1 } }));
        Assert.That(Messages(ProtoFile.Index(ProtoFile.Of("a.proto", message)), ""), Has.Length.EqualTo(2));
    }

    private static SnapshotError[] Errors(RuleCase rule, string? value)
    {
        var index = IndexOf(rule.Field);
        return Errors(index, value is null ? "" : $"f: {value}");
    }

    private static DescriptorIndex IndexOf(FieldDescriptorProto field)
    {
        var message = RuleCase.Enum(Named("M"));
        message.Field.Add(field);
        var inner = ProtoFile.Message(
            "Inner", ProtoFile.Field("f", 1, Type.Uint32, rules: new() { Uint32 = new() { Gte = 1 } }));
        var holder = ProtoFile.Message("Holder", ProtoFile.Field("any", 1, Type.Message, "google.protobuf.Any"));
        return ProtoFile.Index(ProtoFile.Of("a.proto", message, inner, holder));
    }

    private static DescriptorProto Named(string name) =>
        ProtoFile.Message(name, ProtoFile.Field("name", 1, Type.String));

    private static string[] Messages(DescriptorIndex index, string yaml) =>
        [.. Errors(index, yaml).Select(static error => $"{error.Field}: {error.Message}")];

    private static SnapshotError[] Errors(DescriptorIndex index, string yaml)
    {
        var file = new ResourceFile("f.yaml", $"\"@type\": x/acme.v1.M\nname: a\n{yaml}");
        var parsed = ResourceFileParser.Parse([file], index);
        Assert.That(parsed.Errors, Is.Empty);
        return Validate(index, parsed.Resources.Single());
    }

    private static SnapshotError[] Validate(DescriptorIndex index, XdsResource resource)
    {
        var validator = new SnapshotValidator(new SnapshotValidatorOptions { Types = index });
        return [.. validator.Validate(Snapshot.Create([resource])).Errors];
    }

    private static void Count(DescriptorProto message, SortedDictionary<string, int> counts)
    {
        foreach (var nested in message.NestedType)
            Count(nested, counts);
        foreach (var oneof in message.OneofDecl)
        {
            if (oneof.Options?.GetExtension(ValidateExtensions.Required) == true)
                Add(counts, "oneof.required");
        }
        foreach (var field in message.Field)
        {
            if (field.Options?.GetExtension(ValidateExtensions.Rules) is { } rules)
                Count(rules, counts);
        }
    }

    private static void Count(FieldRules rules, SortedDictionary<string, int> counts)
    {
        foreach (var kind in FieldRules.Descriptor.Fields.InFieldNumberOrder().Where(f => f.Accessor.HasValue(rules)))
        {
            var inner = (IMessage)kind.Accessor.GetValue(rules);
            foreach (var rule in inner.Descriptor.Fields.InFieldNumberOrder())
            {
                var value = rule.Accessor.GetValue(inner);
                if (rule.IsRepeated ? value is not System.Collections.IList { Count: > 0 } : !rule.Accessor.HasValue(
                    inner))
                    continue;
                Add(counts, $"{kind.Name}.{rule.Name}");
                if (value is FieldRules items)
                    Count(items, counts);
            }
        }
    }

    private static void Add(SortedDictionary<string, int> counts, string kind) =>
        counts[kind] = counts.GetValueOrDefault(kind) + 1;
}
