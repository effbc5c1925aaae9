using Google.Protobuf.Reflection;

namespace SelfHeal.Xds.Resources.Descriptors;

/// <summary>What a field's kind means on the wire.</summary>
internal static class FieldKind
{
    /// <summary>The kind as Google.Protobuf's descriptors name it; null for one that is not known.</summary>
    public static FieldType? Of(FieldDescriptorProto.Types.Type type) => type switch
    {
        FieldDescriptorProto.Types.Type.Double => FieldType.Double,
        FieldDescriptorProto.Types.Type.Float => FieldType.Float,
        FieldDescriptorProto.Types.Type.Int64 => FieldType.Int64,
        FieldDescriptorProto.Types.Type.Uint64 => FieldType.UInt64,
        FieldDescriptorProto.Types.Type.Int32 => FieldType.Int32,
        FieldDescriptorProto.Types.Type.Fixed64 => FieldType.Fixed64,
        FieldDescriptorProto.Types.Type.Fixed32 => FieldType.Fixed32,
        FieldDescriptorProto.Types.Type.Bool => FieldType.Bool,
        FieldDescriptorProto.Types.Type.String => FieldType.String,
        FieldDescriptorProto.Types.Type.Group => FieldType.Group,
        FieldDescriptorProto.Types.Type.Message => FieldType.Message,
        FieldDescriptorProto.Types.Type.Bytes => FieldType.Bytes,
        FieldDescriptorProto.Types.Type.Uint32 => FieldType.UInt32,
        FieldDescriptorProto.Types.Type.Enum => FieldType.Enum,
        FieldDescriptorProto.Types.Type.Sfixed32 => FieldType.SFixed32,
        FieldDescriptorProto.Types.Type.Sfixed64 => FieldType.SFixed64,
        FieldDescriptorProto.Types.Type.Sint32 => FieldType.SInt32,
        FieldDescriptorProto.Types.Type.Sint64 => FieldType.SInt64,
        _ => null,
    };

    public static int WireTypeOf(FieldType kind) => kind switch
    {
        FieldType.Double or FieldType.Fixed64 or FieldType.SFixed64 => WireReader.Fixed64,
        FieldType.Float or FieldType.Fixed32 or FieldType.SFixed32 => WireReader.Fixed32,
        FieldType.String or FieldType.Bytes or FieldType.Message => WireReader.Delimited,
        FieldType.Group => WireReader.StartGroup,
        _ => WireReader.Varint,
    };

    public static bool IsPackable(FieldType kind) =>
        WireTypeOf(kind) is not (WireReader.Delimited or WireReader.StartGroup);
}
