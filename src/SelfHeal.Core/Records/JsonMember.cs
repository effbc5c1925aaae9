namespace SelfHeal.Core.Records;

/// <summary>One member of a JSON object.</summary>
/// <param name="Name">Unique within the object.</param>
/// <param name="Value">Its value.</param>
public readonly record struct JsonMember(string Name, JsonValue Value)
{
    /// <summary>A member with a string.</summary>
    /// <param name="name">Unique within the object.</param>
    /// <param name="value">Valid Unicode.</param>
    public JsonMember(string name, string value)
        : this(name, new JsonText(value))
    {
    }

    /// <summary>A member with an integer.</summary>
    /// <param name="name">Unique within the object.</param>
    /// <param name="value">Within the limits of <see cref="JsonInteger"/>.</param>
    public JsonMember(string name, long value)
        : this(name, new JsonInteger(value))
    {
    }

    /// <summary>A member with true or false.</summary>
    /// <param name="name">Unique within the object.</param>
    /// <param name="value">Which of the two.</param>
    public JsonMember(string name, bool value)
        : this(name, new JsonBool(value))
    {
    }
}
