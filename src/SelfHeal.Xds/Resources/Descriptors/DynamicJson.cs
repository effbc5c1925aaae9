using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace SelfHeal.Xds.Resources.Descriptors;

/// <summary>Writes a message after the JSON mapping of proto3, with proto names, in the order of the field numbers.
/// </summary>
internal sealed class DynamicJson
{
    // As protobuf bounds one message; an Any begins another.
    private const int MaxDepth = 100;

    private static readonly JsonWriterOptions Options = new()
    {
        Indented = true,
        NewLine = "\n",
        MaxDepth = 10 * MaxDepth,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly DescriptorIndex _types;
    private readonly Utf8JsonWriter _json;
    private int _depth;

    private DynamicJson(DescriptorIndex types, Utf8JsonWriter json)
    {
        _types = types;
        _json = json;
    }

    /// <summary>Null if an <c>Any</c> in it is of another type, or a value in it has no JSON form.</summary>
    public static string? Write(DynamicMessage message, DescriptorIndex types)
    {
        using var buffer = new MemoryStream();
        using var json = new Utf8JsonWriter(buffer, Options);
        if (!new DynamicJson(types, json).TryMessage(message, typeUrl: null))
            return null;
        json.Flush();
        return Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }

    private bool TryMessage(DynamicMessage message, string? typeUrl)
    {
        if (_depth >= MaxDepth)
            return false;
        _depth++;
        var isWritten = message.Schema.FullName is "google.protobuf.Any" ? TryAny(message)
            : WellKnownReader.Handles(message.Schema.FullName) ? TryWellKnown(message, typeUrl)
            : TryFields(message, typeUrl);
        _depth--;
        return isWritten;
    }

    private bool TryFields(DynamicMessage message, string? typeUrl)
    {
        _json.WriteStartObject();
        if (typeUrl is not null)
            _json.WriteString("@type", typeUrl);
        foreach (var (field, value) in message.Values)
        {
            if ((field.HasPresence || !IsEmpty(value)) && !TryField(field, value))
                return false;
        }
        _json.WriteEndObject();
        return true;
    }

    private static bool IsEmpty(object value) => value switch
    {
        List<object> list => list.Count == 0,
        SortedDictionary<object, object> map => map.Count == 0,
        _ => DynamicEncoder.IsDefault(value),
    };

    private bool TryField(FieldSchema field, object value)
    {
        _json.WritePropertyName(field.Name);
        switch (value)
        {
            case List<object> list:
                _json.WriteStartArray();
                if (!list.TrueForAll(item => TryValue(field, item)))
                    return false;
                _json.WriteEndArray();
                return true;
            case SortedDictionary<object, object> map:
                _json.WriteStartObject();
                foreach (var (key, item) in map)
                {
                    _json.WritePropertyName(key is bool truth ? truth ? "true" : "false"
                        : Convert.ToString(key, CultureInfo.InvariantCulture) ?? string.Empty);
                    if (field.Message.Find(2) is not { } valueField || !TryValue(valueField, item))
                        return false;
                }
                _json.WriteEndObject();
                return true;
            default:
                return TryValue(field, value);
        }
    }

    private bool TryValue(FieldSchema field, object value)
    {
        switch (value)
        {
            case DynamicMessage message:
                return TryMessage(message, typeUrl: null);
            case int number when field.Kind == FieldType.Enum:
                if (field.Enum.NameOf(number) is { } name)
                    _json.WriteStringValue(name);
                else
                    _json.WriteNumberValue(number);
                break;
            case int number:
                _json.WriteNumberValue(number);
                break;
            case uint number:
                _json.WriteNumberValue(number);
                break;
            case float.NaN or double.NaN:
                _json.WriteStringValue("NaN");
                break;
            case float or double when double.IsInfinity(Convert.ToDouble(value, CultureInfo.InvariantCulture)):
                _json.WriteStringValue(
                    value is float.PositiveInfinity or double.PositiveInfinity ? "Infinity" : "-Infinity");
                break;
            case float number:
                _json.WriteNumberValue(number);
                break;
            case double number:
                _json.WriteNumberValue(number);
                break;
            case bool truth:
                _json.WriteBooleanValue(truth);
                break;
            case ByteString bytes:
                _json.WriteBase64StringValue(bytes.Span);
                break;
            default:
                // Numbers of 64 bits are text in JSON, for a double does not hold them.
                _json.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
        }
        return true;
    }

    private bool TryAny(DynamicMessage any)
    {
        if (any.Get(any.Schema.Fields[0]) is not string { Length: > 0 } url)
        {
            _json.WriteStartObject();
            _json.WriteEndObject();
            return true;
        }
        var bytes = any.Get(any.Schema.Fields[1]) as ByteString ?? ByteString.Empty;
        return _types.Find(TypeUrl.FullName(url)) is { } schema
            && DynamicDecoder.Decode(schema, bytes.Memory) is { } content && TryMessage(content, url);
    }

    /// <summary>Google.Protobuf writes what it knows; within an <c>Any</c> that stands under 'value'.</summary>
    private bool TryWellKnown(DynamicMessage message, string? typeUrl)
    {
        if (ResourceTypes.Find(message.Schema.FullName) is not { } type
            || ResourceTypes.Parse(type, DynamicEncoder.Encode(message)) is not { } known)
            return false;
        string text;
        try
        {
            text = JsonFormatter.Default.Format(known);
        }
        catch (InvalidOperationException)
        {
            return false; // A duration of ten thousand years, or nanoseconds beyond a second.
        }
        if (typeUrl is not null)
        {
            _json.WriteStartObject();
            _json.WriteString("@type", typeUrl);
            _json.WritePropertyName("value");
        }
        using var value = JsonDocument.Parse(text);
        value.RootElement.WriteTo(_json);
        if (typeUrl is not null)
            _json.WriteEndObject();
        return true;
    }
}
