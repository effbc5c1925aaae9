using Google.Protobuf.Reflection;

namespace SelfHeal.Xds.Resources.Descriptors;

/// <summary>An enum as its descriptor tells it.</summary>
internal sealed class EnumSchema
{
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly Dictionary<int, string> _names = [];

    public EnumSchema(string fullName, EnumDescriptorProto definition)
    {
        FullName = fullName;
        Names = [.. definition.Value.Select(static value => value.Name)];
        foreach (var value in definition.Value)
        {
            _numbers.TryAdd(value.Name, value.Number);
            // Of two names for one number (allow_alias) the first is the one that is written.
            _names.TryAdd(value.Number, value.Name);
        }
    }

    public string FullName { get; }

    /// <summary>In the order of the declaration.</summary>
    public IReadOnlyList<string> Names { get; }

    public int? NumberOf(string name) => _numbers.TryGetValue(name, out var number) ? number : null;

    /// <summary>Null for a number without a name: proto3's enums are open.</summary>
    public string? NameOf(int number) => _names.GetValueOrDefault(number);
}
