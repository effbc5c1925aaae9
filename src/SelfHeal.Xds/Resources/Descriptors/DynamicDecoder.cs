using System.Text;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace SelfHeal.Xds.Resources.Descriptors;

/// <summary>
/// Reads a message by its descriptor. Fields that the descriptor does not know are passed over; bytes that are no such
/// message give null, whatever they are.
/// </summary>
internal static class DynamicDecoder
{
    // Protobuf itself refuses to decode what is deeper.
    private const int MaxDepth = 100;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: false);

    public static DynamicMessage? Decode(MessageSchema schema, ReadOnlyMemory<byte> bytes)
    {
        var message = new DynamicMessage(schema);
        return TryMerge(message, bytes, 0) ? message : null;
    }

    private static bool TryMerge(DynamicMessage message, ReadOnlyMemory<byte> bytes, int depth)
    {
        if (depth > MaxDepth)
            return false;
        var reader = new WireReader(bytes);
        while (!reader.IsAtEnd)
        {
            if (!reader.TryTag(out var number, out var wireType))
                return false;
            var field = message.Schema.Find(number);
            var isRead = field is not null && field.Kind != FieldType.Group
                && (wireType == FieldKind.WireTypeOf(field.Kind) || IsPackedList(field, wireType))
                ? TryField(message, field, wireType, ref reader, depth)
                : reader.TrySkip(number, wireType);
            if (!isRead)
                return false;
        }
        return true;
    }

    private static bool IsPackedList(FieldSchema field, int wireType) =>
        wireType == WireReader.Delimited && field.IsRepeated && FieldKind.IsPackable(field.Kind);

    private static bool TryField(
        DynamicMessage message, FieldSchema field, int wireType, ref WireReader reader, int depth)
    {
        if (field.Kind == FieldType.Message)
            return reader.TryContent(out var content) && TryMessage(message, field, content, depth);
        if (!field.IsRepeated)
        {
            if (!TryScalar(field.Kind, ref reader, out var value))
                return false;
            message.Set(field, value);
            return true;
        }
        var list = message.ListOf(field);
        if (wireType == FieldKind.WireTypeOf(field.Kind))
            return TryItem(field.Kind, ref reader, list);
        if (!reader.TryContent(out var packed))
            return false;
        var items = new WireReader(packed);
        while (!items.IsAtEnd)
        {
            if (!TryItem(field.Kind, ref items, list))
                return false;
        }
        return true;
    }

    private static bool TryItem(FieldType kind, ref WireReader reader, List<object> list)
    {
        if (!TryScalar(kind, ref reader, out var value))
            return false;
        list.Add(value);
        return true;
    }

    private static bool TryMessage(
        DynamicMessage message, FieldSchema field, ReadOnlyMemory<byte> content, int depth)
    {
        if (field.IsMap)
            return TryEntry(message.MapOf(field), field.Message, content, depth);
        if (field.IsRepeated)
        {
            var item = new DynamicMessage(field.Message);
            message.ListOf(field).Add(item);
            return TryMerge(item, content, depth + 1);
        }
        // A message that stands twice is merged.
        if (message.Get(field) is not DynamicMessage single)
            message.Set(field, single = new DynamicMessage(field.Message));
        return TryMerge(single, content, depth + 1);
    }

    private static bool TryEntry(
        SortedDictionary<object, object> map, MessageSchema type, ReadOnlyMemory<byte> content, int depth)
    {
        var entry = new DynamicMessage(type);
        if (!TryMerge(entry, content, depth + 1) || type.Find(1) is not { } key || type.Find(2) is not { } value)
            return false;
        map[entry.Get(key) ?? key.Default] = entry.Get(value)
            ?? (value.Kind == FieldType.Message ? new DynamicMessage(value.Message) : value.Default);
        return true;
    }

    private static bool TryScalar(FieldType kind, ref WireReader reader, out object value)
    {
        value = 0;
        switch (FieldKind.WireTypeOf(kind))
        {
            case WireReader.Fixed32:
                if (!reader.TryFixed32(out var word))
                    return false;
                value = kind switch
                {
                    FieldType.Float => BitConverter.UInt32BitsToSingle(word),
                    FieldType.SFixed32 => (int)word,
                    _ => (object)word,
                };
                return true;
            case WireReader.Fixed64:
                if (!reader.TryFixed64(out var longWord))
                    return false;
                value = kind switch
                {
                    FieldType.Double => BitConverter.UInt64BitsToDouble(longWord),
                    FieldType.SFixed64 => (long)longWord,
                    _ => (object)longWord,
                };
                return true;
            case WireReader.Delimited:
                return reader.TryContent(out var content) && TryText(kind, content, out value);
            default:
                if (!reader.TryVarint(out var number))
                    return false;
                value = Whole(kind, number);
                return true;
        }
    }

    private static bool TryText(FieldType kind, ReadOnlyMemory<byte> content, out object value)
    {
        value = kind == FieldType.Bytes ? ByteString.CopyFrom(content.Span) : string.Empty;
        if (kind == FieldType.Bytes)
            return true;
        // Envoy refuses a string of proto3 that is not UTF-8.
        if (!System.Text.Unicode.Utf8.IsValid(content.Span))
            return false;
        value = Utf8.GetString(content.Span);
        return true;
    }

    private static object Whole(FieldType kind, ulong number) => kind switch
    {
        FieldType.Bool => number != 0,
        FieldType.Int64 => (long)number,
        FieldType.UInt64 => number,
        FieldType.UInt32 => (uint)number,
        FieldType.SInt32 => (int)((uint)number >> 1) ^ -(int)((uint)number & 1),
        FieldType.SInt64 => (long)(number >> 1) ^ -(long)(number & 1),
        _ => (int)number,
    };
}
