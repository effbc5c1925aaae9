using System.Collections.Immutable;

namespace SelfHeal.Core.Records;

/// <summary>
/// A JSON value of a record: one of the cases in this file. There is no case for fractions: measurements are integers
/// or decimal strings, so that no machine rounds them differently.
/// </summary>
public abstract record JsonValue
{
    /// <summary>The deepest nesting of objects and arrays. Records have some six levels; more is a mistake, or an
    /// attempt to overflow the stack of whoever reads, and is refused.</summary>
    public const int MaxDepth = 64;

    private protected JsonValue(int depth)
    {
        if (depth > MaxDepth)
            throw new ArgumentException($"JSON is nested at most {MaxDepth} deep; this is {depth} deep");
        Depth = depth;
    }

    /// <summary>The levels of objects and arrays from this value down; zero for the other cases.</summary>
    internal int Depth { get; }
}

/// <summary>An object. Members keep the order in which they were given; the canonical form sorts them.</summary>
public sealed record JsonObject : JsonValue
{
    /// <summary>Takes over the members.</summary>
    /// <param name="members">No name twice.</param>
    public JsonObject(ImmutableArray<JsonMember> members)
        : base(members.Select(member => member.Value.Depth).DefaultIfEmpty().Max() + 1)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in members)
        {
            if (!names.Add(JsonText.RequireUnicode(member.Name)))
                throw new ArgumentException($"the name {member.Name} is there twice", nameof(members));
        }

        Members = members;
    }

    /// <summary>The members in the order in which they were given.</summary>
    public ImmutableArray<JsonMember> Members { get; }

    /// <summary>Same members in the same order.</summary>
    /// <param name="other">The object to compare with.</param>
    public bool Equals(JsonObject? other) => other is not null && Members.SequenceEqual(other.Members);

    /// <inheritdoc/>
    public override int GetHashCode() => Members.Length;
}

/// <summary>An array.</summary>
public sealed record JsonArray : JsonValue
{
    /// <summary>Takes over the items.</summary>
    /// <param name="items">In order.</param>
    public JsonArray(ImmutableArray<JsonValue> items)
        : base(items.Select(item => item.Depth).DefaultIfEmpty().Max() + 1) => Items = items;

    /// <summary>The items in order.</summary>
    public ImmutableArray<JsonValue> Items { get; }

    /// <summary>Same items in the same order.</summary>
    /// <param name="other">The array to compare with.</param>
    public bool Equals(JsonArray? other) => other is not null && Items.SequenceEqual(other.Items);

    /// <inheritdoc/>
    public override int GetHashCode() => Items.Length;
}

/// <summary>A string.</summary>
public sealed record JsonText : JsonValue
{
    /// <summary>Takes over the string.</summary>
    /// <param name="value">Valid Unicode: half a surrogate pair has no UTF-8 (RFC 8785, section 3.2.2.2).</param>
    public JsonText(string value)
        : base(0) => Value = RequireUnicode(value);

    /// <summary>The string.</summary>
    public string Value { get; }

    /// <summary>The text itself, unless it holds half a surrogate pair.</summary>
    /// <param name="text">A name or a string.</param>
    internal static string RequireUnicode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        for (var index = 0; index < text.Length; index++)
        {
            if (char.IsSurrogatePair(text, index))
                index++;
            else if (char.IsSurrogate(text[index]))
                throw new ArgumentException($"half a surrogate pair at {index}", nameof(text));
        }

        return text;
    }
}

/// <summary>An integer that every JSON reader understands exactly: between -(2^53 - 1) and 2^53 - 1.</summary>
public sealed record JsonInteger : JsonValue
{
    /// <summary>The largest integer; a larger count goes into a decimal string (RFC 7493, section 2.2).</summary>
    public const long Max = (1L << 53) - 1;

    /// <summary>Takes over the integer.</summary>
    /// <param name="value">Between -<see cref="Max"/> and <see cref="Max"/>.</param>
    public JsonInteger(long value)
        : base(0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, Max);
        ArgumentOutOfRangeException.ThrowIfLessThan(value, -Max);
        Value = value;
    }

    /// <summary>The integer.</summary>
    public long Value { get; }
}

/// <summary>True or false.</summary>
/// <param name="Value">Which of the two.</param>
public sealed record JsonBool(bool Value) : JsonValue(0);

/// <summary>The null of JSON: known to be nothing.</summary>
public sealed record JsonNull() : JsonValue(0)
{
    /// <summary>The only one that is needed.</summary>
    public static JsonNull Instance { get; } = new();
}
