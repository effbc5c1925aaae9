using System.IO.Compression;
using Google.Protobuf.Reflection;
using SelfHeal.Core.Time;
using SelfHeal.Xds.Resources;
using static Google.Protobuf.Reflection.FieldDescriptorProto.Types;

namespace SelfHeal.UnitTests.Xds.Resources.Descriptors;

/// <summary>What is taken in as a descriptor set, and what is said of the rest.</summary>
public sealed class DescriptorIndexTests
{
    private static readonly FileDescriptorProto Good = ProtoFile.Of(
        "acme/v1/good.proto",
        ProtoFile.Message("Good", ProtoFile.Field("size", 1, FieldDescriptorProto.Types.Type.Int32)));

    [Test]
    public void Read_EnvoyApi_HasAllFilesAndTheirTypes()
    {
        var index = EnvoyApiSet.Index;
        var all = EnvoyApiSet.Descriptors();
        Assert.That(index.FileCount, Is.EqualTo(724));
        foreach (var type in all.Values)
        {
            var found = index.Find(type.FullName);
            Assert.That(found?.Fields.Select(static field => (field.Number, field.Name)), Is.EquivalentTo(
                type.Fields.InDeclarationOrder().Select(static field => (field.FieldNumber, field.Name))),
                type.FullName);
        }
    }

    [Test]
    public void Read_EnvoyApi_AgreesWithGoogleOnEveryField()
    {
        foreach (var type in EnvoyApiSet.Descriptors().Values)
        {
            var schema = EnvoyApiSet.Index.Find(type.FullName) ?? throw new AssertionException(type.FullName);
            foreach (var field in type.Fields.InDeclarationOrder())
            {
                var ours = schema.Find(field.FieldNumber) ?? throw new AssertionException(field.FullName);
                var isPacked = field.IsRepeated && field.FieldType is not (
                    FieldType.String or FieldType.Bytes or FieldType.Message or FieldType.Group) && field.IsPacked;
                Assert.That(
                    (ours.Name, ours.JsonName, ours.Kind, ours.IsRepeated, ours.IsMap, ours.HasPresence, ours.IsPacked,
                        ours.Oneof?.Name),
                    Is.EqualTo((field.Name, field.JsonName, field.FieldType, field.IsRepeated, field.IsMap,
                        field.HasPresence, isPacked, field.RealContainingOneof?.Name)),
                    field.FullName);
            }
        }
    }

    [Test]
    public void Read_PlainAndPacked_AreTheSame()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(ProtoFile.Set(Good));
        Assert.That(ProtoFile.Read(packed.ToArray()).Index?.TypeCount, Is.EqualTo(1));
    }

    [TestCase("", "is empty; expected a binary FileDescriptorSet")]
    [TestCase("{\"file\": []}", "is JSON")]
    [TestCase("syntax = \"proto3\";", "is cut short or damaged after 0 proto files")]
    [TestCase("\u001f\u008bnot gzip", "the gzip is damaged")]
    [TestCase("\u0012\u0000", "holds no proto file")]
    [TestCase("\n\u0000", "proto file 1 in it has no name")]
    [TestCase("\n\u0003\n\u0009a", "proto file 1 in it cannot be read")]
    public void Read_NoSet_SaysWhatWasExpected(string content, string message)
    {
        var error = ProtoFile.Read(System.Text.Encoding.Latin1.GetBytes(content)).Errors.Single();
        Assert.That(error.ToString(), Does.StartWith("set0.binpb:1:1: ").And.Contain(message));
    }

    [Test]
    public void Read_CutAtEveryByte_IsTold()
    {
        var whole = ProtoFile.Set(Good, ProtoFile.Of("acme/v1/other.proto", ProtoFile.Message("Other")));
        var first = ProtoFile.Set(Good).Length;
        for (var length = 0; length < whole.Length; length++)
        {
            if (length != first)
                Assert.That(ProtoFile.Read(whole[..length]).Errors, Is.Not.Empty, $"{length} bytes");
        }
    }

    [Test]
    public void Read_GzipCut_IsTold()
    {
        var packed = EnvoyApiSet.Packed();
        Assert.That(ProtoFile.Read(packed[..(packed.Length / 2)]).Errors, Is.Not.Empty);
    }

    [Test]
    public void Read_ImportIsLacking_NamesFieldTypeAndFile()
    {
        var file = ProtoFile.Of("acme/v1/a.proto", ProtoFile.Message(
            "A", ProtoFile.Field("b", 1, FieldDescriptorProto.Types.Type.Message, "B")));
        file.Dependency.Add("acme/v1/b.proto");
        Assert.That(ProtoFile.Read(file).Errors.Single().ToString(), Is.EqualTo(
            "set0.binpb:1:1: acme.v1.A.b: is of type 'acme.v1.B', which is unknown, and the set lacks "
            + "acme/v1/b.proto, which acme/v1/a.proto imports; write it with protoc --include_imports or buf build"));
    }

    [Test]
    public void Read_ImportIsLackingButThePinnedApiHasIt_IsTaken()
    {
        var file = ProtoFile.Of("acme/v1/a.proto", ProtoFile.Message(
            "A",
            ProtoFile.Field("span", 1, FieldDescriptorProto.Types.Type.Message, "google.protobuf.Duration"),
            new FieldDescriptorProto
            {
                Name = "version",
                Number = 2,
                Type = FieldDescriptorProto.Types.Type.Enum,
                TypeName = ".envoy.config.core.v3.ApiVersion",
                Label = Label.Optional,
            }));
        file.Dependency.Add("envoy/config/core/v3/config_source.proto");
        var field = ProtoFile.Index(file).Find("acme.v1.A")?.Find("version");
        Assert.That(field?.Enum.NumberOf("V3"), Is.EqualTo(2));
    }

    [Test]
    public void Read_OneTypeInTwoSets_MustSayTheSame()
    {
        var same = Good.Clone();
        same.MessageType[0].Field[0].JsonName = "size";
        Assert.That(ProtoFile.Read(ProtoFile.Set(Good), ProtoFile.Set(same)).Errors, Is.Empty);

        var other = Good.Clone();
        other.MessageType[0].Field[0].Number = 2;
        var error = ProtoFile.Read(ProtoFile.Set(Good), ProtoFile.Set(other)).Errors.Single();
        Assert.That(error.ToString(), Does.StartWith("set1.binpb:1:1: acme.v1.Good: ")
            .And.Contain("otherwise than acme/v1/good.proto in set0.binpb"));
    }

    [Test]
    public void Read_RulesOfAnotherVersion_AreNoConflict()
    {
        var own = Good.Clone();
        own.Package = "validate";
        var other = own.Clone();
        other.MessageType[0].Field[0].Number = 2;
        Assert.That(ProtoFile.Read(ProtoFile.Set(own), ProtoFile.Set(other)).Errors, Is.Empty);
    }

    [Test]
    public void Read_ImportsInACircle_ShowsTheCircle()
    {
        FileDescriptorProto[] files = [ProtoFile.Of("a.proto"), ProtoFile.Of("b.proto"), ProtoFile.Of("c.proto")];
        files[0].Dependency.Add("b.proto");
        files[1].Dependency.Add("c.proto");
        files[2].Dependency.Add("b.proto");
        Assert.That(ProtoFile.Read(files).Errors.Single().Message, Does.Contain("b.proto -> c.proto -> b.proto"));
    }

    [Test]
    public void Read_MessagesThatHoldEachOther_AreTaken()
    {
        var index = ProtoFile.Index(ProtoFile.Of(
            "a.proto",
            ProtoFile.Message("A", ProtoFile.Field("b", 1, FieldDescriptorProto.Types.Type.Message, "B")),
            ProtoFile.Message("B", ProtoFile.Field("a", 1, FieldDescriptorProto.Types.Type.Message, "A"))));
        Assert.That(index.Find("acme.v1.A")?.Fields[0].Message.Fields[0].Message, Is.SameAs(index.Find("acme.v1.A")));
    }

    private static IEnumerable<TestCaseData> Unsound()
    {
        static FieldDescriptorProto Int(string name, int number) =>
            ProtoFile.Field(name, number, FieldDescriptorProto.Types.Type.Int32);
        yield return new TestCaseData(ProtoFile.Message("", Int("a", 1)), "has no name");
        yield return new TestCaseData(ProtoFile.Message("A", Int("", 1)), "a field has no name");
        yield return new TestCaseData(ProtoFile.Message("A", Int("a", 0)), "has number 0, expected 1 to 536870911");
        yield return new TestCaseData(ProtoFile.Message("A", Int("a", 1), Int("b", 1)), "as another field");
        yield return new TestCaseData(
            ProtoFile.Message(
                "A", new FieldDescriptorProto { Name = "a", Number = 1, Type = (FieldDescriptorProto.Types.Type)99 }),
            "has no type that protobuf knows (99)");
        var oneof = Int("a", 1);
        oneof.OneofIndex = 3;
        yield return new TestCaseData(ProtoFile.Message("A", oneof), "is in oneof 3 of 0");
        var entry = ProtoFile.Message("A", Int("key", 1));
        entry.Options = new MessageOptions { MapEntry = true };
        yield return new TestCaseData(entry, "the key 1 and the value 2");
        yield return new TestCaseData(
            ProtoFile.Message("A", ProtoFile.Field("a", 1, FieldDescriptorProto.Types.Type.Enum, "A")),
            "which is unknown");
    }

    [TestCaseSource(nameof(Unsound))]
    public void Read_DefinitionMakesNoSense_IsTold(DescriptorProto message, string expected) => Assert.That(
        ProtoFile.Read(ProtoFile.Of("a.proto", message)).Errors.Select(static error => error.Message),
        Has.Some.Contains(expected));

    [Test]
    public void Read_UnknownSyntax_IsTold()
    {
        var file = ProtoFile.Of("a.proto");
        file.Syntax = "proto9";
        Assert.That(ProtoFile.Read(file).Errors.Single().Message, Does.Contain("expected proto2, proto3 or editions"));
    }

    [TestCase("proto2", true, false)]
    [TestCase("proto3", false, true)]
    [TestCase("editions", true, true)]
    public void Read_EverySyntax_GivesPresenceAndPacking(string syntax, bool hasPresence, bool isPacked)
    {
        var file = ProtoFile.Of("a.proto", ProtoFile.Message(
            "A",
            ProtoFile.Field("one", 1, FieldDescriptorProto.Types.Type.Int32),
            ProtoFile.Field("many", 2, FieldDescriptorProto.Types.Type.Int32).Repeated()));
        file.Syntax = syntax;
        var type = ProtoFile.Index(file).Find("acme.v1.A");
        Assert.That(
            (type?.Find("one")?.HasPresence, type?.Find("many")?.IsPacked), Is.EqualTo(
                ((bool?)hasPresence, (bool?)isPacked)));
    }

    [Test]
    public void Read_ManyErrors_AreBounded()
    {
        var fields = Enumerable.Range(1, 2_000).Select(static number => ProtoFile.Field(
            $"f{number}", number, FieldDescriptorProto.Types.Type.Message, "Nowhere"));
        var errors = ProtoFile.Read(ProtoFile.Of("a.proto", ProtoFile.Message("A", [.. fields]))).Errors;
        Assert.That(errors, Has.Length.EqualTo(ResourceFileParser.MaxErrors + 1));
        Assert.That(errors[^1].Message, Does.Contain("more than 1000 errors"));
    }

    [Test]
    public void Read_MutatedSets_AreTakenOrRefused()
    {
        const int Runs = 3_000;
        var random = new SeededRandomSource(6);
        var whole = ProtoFile.Set(
            Good,
            ProtoFile.Of("acme/v1/more.proto", ProtoFile.Message(
                "More",
                ProtoFile.Field("good", 1, FieldDescriptorProto.Types.Type.Message, "Good").Repeated(),
                ProtoFile.Field("text", 2, FieldDescriptorProto.Types.Type.String))
                .WithMap(
                    "map",
                    3,
                    ProtoFile.Field("key", 1, FieldDescriptorProto.Types.Type.String),
                    ProtoFile.Field("value", 2, FieldDescriptorProto.Types.Type.Message, "Good"))));
        var taken = 0;
        for (var run = 0; run < Runs; run++)
        {
            var bytes = (byte[])whole.Clone();
            for (var mutation = random.NextInt32(3); mutation >= 0; mutation--)
                bytes[random.NextInt32(bytes.Length)] = (byte)random.NextInt32(256);
            if (ProtoFile.Read(bytes).Index is not { } index)
                continue;
            taken++;
            // What was taken in must then hold up under use.
            var text = "\"@type\": x/acme.v1.More\ngood: [{ size: 5 }, {}]\ntext: a\nmap: { a: {}, b: { size: 2 } }";
            ResourceFileParser.Parse([new ResourceFile("f", text)], index);
        }
        Assert.That(taken, Is.InRange(Runs / 20, Runs - (Runs / 20)), "some are sets, and some are not");
    }

    [Test]
    public void Read_RandomBytes_AreRefused()
    {
        var random = new SeededRandomSource(7);
        for (var run = 0; run < 3_000; run++)
        {
            var bytes = new byte[1 + random.NextInt32(80)];
            for (var at = 0; at < bytes.Length; at++)
                bytes[at] = (byte)random.NextInt32(random.NextInt32(2) == 0 ? 40 : 256);
            ProtoFile.Read(bytes);
        }
    }
}
