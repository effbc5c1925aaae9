using Google.Protobuf;
using Google.Protobuf.Reflection;
using SelfHeal.Xds.Resources.Descriptors;
using Type = Google.Protobuf.Reflection.FieldDescriptorProto.Types.Type;

namespace SelfHeal.UnitTests.Xds.Resources.Descriptors;

/// <summary>A private extension with a field of every kind that protobuf has.</summary>
internal static class PrivateTypes
{
    public const string All = "acme.v1.All";

    public static readonly FileDescriptorProto File = ProtoFile.Of("acme/v1/all.proto", AllKinds());

    public static readonly DescriptorIndex Index = ProtoFile.Index(File);

    /// <summary>Google's own descriptors of the same, and of what it uses.</summary>
    public static Dictionary<string, MessageDescriptor> Descriptors()
    {
        var file = File.Clone();
        MessageDescriptor[] wellKnown =
        [
            Google.Protobuf.WellKnownTypes.Any.Descriptor, Google.Protobuf.WellKnownTypes.Duration.Descriptor,
            Google.Protobuf.WellKnownTypes.Struct.Descriptor, Google.Protobuf.WellKnownTypes.UInt32Value.Descriptor,
            Google.Protobuf.WellKnownTypes.Timestamp.Descriptor,
        ];
        file.Dependency.AddRange(wellKnown.Select(static type => type.File.Name));
        var built = FileDescriptor.BuildFromByteStrings(
            [.. wellKnown.Select(static type => type.File.SerializedData), file.ToByteString()]);
        return built.SelectMany(static made => made.MessageTypes)
            .ToDictionary(static type => type.FullName, StringComparer.Ordinal);
    }

    private static DescriptorProto AllKinds()
    {
        var message = ProtoFile.Message("All", ProtoFile.Field("name", 100, Type.String));
        message.EnumType.Add(new EnumDescriptorProto
        {
            Name = "Colour",
            Value =
            {
                new EnumValueDescriptorProto { Name = "NONE", Number = 0 },
                new EnumValueDescriptorProto { Name = "RED", Number = 1 },
                new EnumValueDescriptorProto { Name = "DARK", Number = -3 },
            },
        });
        (string Name, Type Type, string TypeName)[] kinds =
        [
            ("double_value", Type.Double, ""), ("float_value", Type.Float, ""), ("int64_value", Type.Int64, ""),
            ("uint64_value", Type.Uint64, ""), ("int32_value", Type.Int32, ""), ("fixed64_value", Type.Fixed64, ""),
            ("fixed32_value", Type.Fixed32, ""), ("bool_value", Type.Bool, ""), ("string_value", Type.String, ""),
            ("bytes_value", Type.Bytes, ""), ("uint32_value", Type.Uint32, ""), ("enum_value", Type.Enum, "All.Colour"),
            ("sfixed32_value", Type.Sfixed32, ""), ("sfixed64_value", Type.Sfixed64, ""),
            ("sint32_value", Type.Sint32, ""), ("sint64_value", Type.Sint64, ""), ("child", Type.Message, "All"),
            ("span", Type.Message, "google.protobuf.Duration"), (
                "wrapped", Type.Message, "google.protobuf.UInt32Value"),
            ("any", Type.Message, "google.protobuf.Any"), ("data", Type.Message, "google.protobuf.Struct"),
            ("time", Type.Message, "google.protobuf.Timestamp"),
        ];
        for (var index = 0; index < kinds.Length; index++)
        {
            var (name, type, typeName) = kinds[index];
            // Not in the order of the numbers, which is the order on the wire.
            message.Field.Add(ProtoFile.Field(name, 60 - index, type, typeName));
            if (type is not Type.Message)
                message.Field.Add(ProtoFile.Field($"{name}_list", 200 + index, type, typeName).Repeated());
        }
        message.Field.Add(ProtoFile.Field("children", 150, Type.Message, "All").Repeated());
        message.WithMap(
            "by_name", 151, ProtoFile.Field("key", 1, Type.String), ProtoFile.Field("value", 2, Type.Message, "All"));
        message.WithMap(
            "by_number", 152, ProtoFile.Field("key", 1, Type.Int32), ProtoFile.Field("value", 2, Type.Uint64));
        message.WithMap(
            "by_truth", 153, ProtoFile.Field("key", 1, Type.Bool), ProtoFile.Field("value", 2, Type.String));
        message.OneofDecl.Add(new OneofDescriptorProto { Name = "choice" });
        message.OneofDecl.Add(new OneofDescriptorProto { Name = "_maybe" });
        foreach (var (name, number) in (ReadOnlySpan<(string, int)>)[("first", 160), ("second", 161)])
        {
            var field = ProtoFile.Field(name, number, Type.Int32);
            field.OneofIndex = 0;
            message.Field.Add(field);
        }
        var maybe = ProtoFile.Field("maybe", 162, Type.Int32);
        (maybe.OneofIndex, maybe.Proto3Optional) = (1, true);
        message.Field.Add(maybe);
        return message;
    }
}
