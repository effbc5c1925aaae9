namespace SelfHeal.Xds.Resources.Descriptors;

/// <summary>
/// The values of one message by its descriptor. A value is bool, int (enums too), uint, long, ulong, float, double,
/// string, ByteString or DynamicMessage; of a repeated field a list of these; of a map a sorted dictionary.
/// </summary>
/// <param name="schema">The message's type.</param>
internal sealed class DynamicMessage(MessageSchema schema)
{
    // By number, which is the order of the encoding.
    private readonly SortedList<int, object> _values = [];

    public MessageSchema Schema { get; } = schema;

    /// <summary>What is set, by field number. A list or map in it may be empty.</summary>
    public IEnumerable<(FieldSchema Field, object Value)> Values
    {
        get
        {
            foreach (var (number, value) in _values)
                yield return (Schema.Find(number)!, value); // Only fields of this type are set.
        }
    }

    /// <summary>The size of the encoding, once the encoder has measured it.</summary>
    public int MeasuredBytes { get; set; }

    /// <summary>Null where the field is not set.</summary>
    public object? Get(FieldSchema field) => _values.GetValueOrDefault(field.Number);

    public void Set(FieldSchema field, object value)
    {
        // What is set last wins within a oneof, as on the wire.
        if (field.Oneof is { } oneof)
        {
            foreach (var other in oneof.Fields)
                _values.Remove(other.Number);
        }
        _values[field.Number] = value;
    }

    public List<object> ListOf(FieldSchema field)
    {
        if (Get(field) is not List<object> list)
            _values[field.Number] = list = [];
        return list;
    }

    public SortedDictionary<object, object> MapOf(FieldSchema field)
    {
        if (Get(field) is not SortedDictionary<object, object> map)
            _values[field.Number] = map = new SortedDictionary<object, object>(MapKeys);
        return map;
    }

    /// <summary>Text ordinally, numbers by value: the order of the file and of hash tables never shows.</summary>
    private static Comparer<object> MapKeys { get; } = Comparer<object>.Create(static (left, right) =>
        left is string text && right is string other
            ? string.CompareOrdinal(text, other)
            : System.Collections.Comparer.DefaultInvariant.Compare(left, right));
}
