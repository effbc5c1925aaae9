using Google.Protobuf;
using Google.Protobuf.Reflection;
using SelfHeal.Core;

namespace SelfHeal.Xds.Resources.Descriptors;

/// <summary>
/// Encodes a message in the one canonical way: fields by number, maps by key, packed where the descriptor says so,
/// defaults left out where the field cannot tell them from nothing. These are also the bytes of the generated classes.
/// </summary>
internal static class DynamicEncoder
{
    // The key and the value of a map's entry.
    private const int KeyNumber = 1;
    private const int ValueNumber = 2;

    public static byte[] Encode(DynamicMessage message)
    {
        var bytes = new byte[Measure(message)];
        using var output = new CodedOutputStream(bytes);
        Write(message, output);
        output.Flush();
        Invariant.Assert(output.SpaceLeft == 0, "a message is as long as it was measured");
        return bytes;
    }

    /// <summary>Whether a value is the one that a field without presence has when nothing is written.</summary>
    public static bool IsDefault(object value) => value switch
    {
        bool truth => !truth,
        int number => number == 0,
        long number => number == 0,
        uint number => number == 0,
        ulong number => number == 0,
        // Minus zero is not the default: its bits differ.
        float number => BitConverter.SingleToInt32Bits(number) == 0,
        double number => BitConverter.DoubleToInt64Bits(number) == 0,
        string text => text.Length == 0,
        ByteString bytes => bytes.IsEmpty,
        _ => false,
    };

    private static int Measure(DynamicMessage message)
    {
        var size = 0;
        foreach (var (field, value) in message.Values)
        {
            if (IsWritten(field, value))
                size += MeasureField(field, value);
        }
        message.MeasuredBytes = size;
        return size;
    }

    private static bool IsWritten(FieldSchema field, object value) => value switch
    {
        List<object> list => list.Count > 0,
        SortedDictionary<object, object> map => map.Count > 0,
        _ => field.HasPresence || !IsDefault(value),
    };

    private static int MeasureField(FieldSchema field, object value)
    {
        var tag = CodedOutputStream.ComputeTagSize(field.Number);
        switch (value)
        {
            case SortedDictionary<object, object> map:
                var entries = 0;
                foreach (var (key, item) in map)
                    entries += tag + Delimited(MeasureEntry(field.Message, key, item));
                return entries;
            case List<object> list when field.IsPacked:
                return tag + Delimited(list.Sum(item => MeasureValue(field.Kind, item)));
            case List<object> list:
                return list.Sum(item => tag + MeasureValue(field.Kind, item));
            default:
                return tag + MeasureValue(field.Kind, value);
        }
    }

    // The generated classes leave out an entry's key and value too where they are the default.
    private static int MeasureEntry(MessageSchema entry, object key, object value) =>
        MeasureHalf(KindOf(entry, KeyNumber), key) + MeasureHalf(KindOf(entry, ValueNumber), value);

    private static int MeasureHalf(FieldType kind, object value) =>
        IsDefault(value) ? 0 : 1 + MeasureValue(kind, value);

    private static FieldType KindOf(MessageSchema entry, int number) =>
        entry.Find(number)!.Kind; // Both are there: the set was checked.

    private static int Delimited(int length) => CodedOutputStream.ComputeLengthSize(length) + length;

    private static int MeasureValue(FieldType kind, object value) => (kind, value) switch
    {
        (_, DynamicMessage message) => Delimited(Measure(message)),
        (_, string text) => CodedOutputStream.ComputeStringSize(text),
        (_, ByteString bytes) => CodedOutputStream.ComputeBytesSize(bytes),
        (_, bool) => 1,
        (FieldType.SInt32, int number) => CodedOutputStream.ComputeSInt32Size(number),
        (FieldType.SInt64, long number) => CodedOutputStream.ComputeSInt64Size(number),
        (FieldType.SFixed32 or FieldType.Fixed32 or FieldType.Float, _) => 4,
        (FieldType.SFixed64 or FieldType.Fixed64 or FieldType.Double, _) => 8,
        (_, int number) => CodedOutputStream.ComputeInt32Size(number),
        (_, uint number) => CodedOutputStream.ComputeUInt32Size(number),
        (_, long number) => CodedOutputStream.ComputeInt64Size(number),
        (_, ulong number) => CodedOutputStream.ComputeUInt64Size(number),
        _ => throw new InvalidOperationException($"a {value.GetType()} is no value of a field of kind {kind}"),
    };

    private static void Write(DynamicMessage message, CodedOutputStream output)
    {
        foreach (var (field, value) in message.Values)
        {
            if (IsWritten(field, value))
                WriteField(field, value, output);
        }
    }

    private static void WriteField(FieldSchema field, object value, CodedOutputStream output)
    {
        var wireType = (WireFormat.WireType)FieldKind.WireTypeOf(field.Kind);
        switch (value)
        {
            case SortedDictionary<object, object> map:
                foreach (var (key, item) in map)
                    WriteEntry(field, key, item, output);
                break;
            case List<object> list when field.IsPacked:
                output.WriteTag(field.Number, WireFormat.WireType.LengthDelimited);
                output.WriteLength(list.Sum(item => MeasureValue(field.Kind, item)));
                foreach (var item in list)
                    WriteValue(field.Kind, item, output);
                break;
            case List<object> list:
                foreach (var item in list)
                {
                    output.WriteTag(field.Number, wireType);
                    WriteValue(field.Kind, item, output);
                }
                break;
            default:
                output.WriteTag(field.Number, wireType);
                WriteValue(field.Kind, value, output);
                break;
        }
    }

    private static void WriteEntry(FieldSchema field, object key, object value, CodedOutputStream output)
    {
        output.WriteTag(field.Number, WireFormat.WireType.LengthDelimited);
        output.WriteLength(MeasureEntry(field.Message, key, value));
        WriteHalf(KeyNumber, KindOf(field.Message, KeyNumber), key, output);
        WriteHalf(ValueNumber, KindOf(field.Message, ValueNumber), value, output);
    }

    private static void WriteHalf(int number, FieldType kind, object value, CodedOutputStream output)
    {
        if (IsDefault(value))
            return;
        output.WriteTag(number, (WireFormat.WireType)FieldKind.WireTypeOf(kind));
        WriteValue(kind, value, output);
    }

    private static void WriteValue(FieldType kind, object value, CodedOutputStream output)
    {
        switch (kind, value)
        {
            case (_, DynamicMessage message):
                output.WriteLength(message.MeasuredBytes);
                Write(message, output);
                break;
            case (_, string text):
                output.WriteString(text);
                break;
            case (_, ByteString bytes):
                output.WriteBytes(bytes);
                break;
            case (_, bool truth):
                output.WriteBool(truth);
                break;
            case (_, float number):
                output.WriteFloat(number);
                break;
            case (_, double number):
                output.WriteDouble(number);
                break;
            default:
                WriteWhole(kind, value, output);
                break;
        }
    }

    private static void WriteWhole(FieldType kind, object value, CodedOutputStream output)
    {
        switch (kind, value)
        {
            case (FieldType.SInt32, int number):
                output.WriteSInt32(number);
                break;
            case (FieldType.SInt64, long number):
                output.WriteSInt64(number);
                break;
            case (FieldType.SFixed32, int number):
                output.WriteSFixed32(number);
                break;
            case (FieldType.SFixed64, long number):
                output.WriteSFixed64(number);
                break;
            case (FieldType.Fixed32, uint number):
                output.WriteFixed32(number);
                break;
            case (FieldType.Fixed64, ulong number):
                output.WriteFixed64(number);
                break;
            case (_, int number):
                output.WriteInt32(number);
                break;
            case (_, uint number):
                output.WriteUInt32(number);
                break;
            case (_, long number):
                output.WriteInt64(number);
                break;
            case (_, ulong number):
                output.WriteUInt64(number);
                break;
            default:
                throw new InvalidOperationException($"a {value.GetType()} is no value of a field of kind {kind}");
        }
    }
}
