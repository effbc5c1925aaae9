using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Reflection;

namespace SelfHeal.Sidecar.Config.Loading;

/// <summary>One key of a section, as an options class declares it.</summary>
internal sealed class OptionField
{
    private static readonly NullabilityInfoContext Nullability = new();

    private OptionField(PropertyInfo property, object defaults)
    {
        Property = property;
        Key = property.GetCustomAttribute<ConfigKeyAttribute>()?.Key ?? SnakeCase.Write(property.Name);
        IsRequired = property.IsDefined(typeof(RequiredAttribute));
        IsFilePath = property.IsDefined(typeof(FilePathAttribute));
        Limits = property.GetCustomAttribute<LimitsAttribute>();
        Default = property.GetValue(defaults);
        IsNullable = IsNullableProperty(property);

        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : null;
        if (definition == typeof(ImmutableArray<>))
        {
            ElementType = type.GetGenericArguments()[0];
            Kind = ScalarFormat.For(ElementType) is null ? OptionKind.SectionList : OptionKind.List;
        }
        else if (definition == typeof(ImmutableSortedDictionary<,>))
        {
            ElementType = type.GetGenericArguments()[1];
            Kind = ScalarFormat.For(ElementType) is null ? OptionKind.NamedSections : OptionKind.NamedScalars;
        }
        else
            (Kind, ElementType) = (ScalarFormat.For(type) is null ? OptionKind.Section : OptionKind.Scalar, type);
        Scalar = ScalarFormat.For(ElementType);
    }

    /// <summary>The property that takes the value.</summary>
    public PropertyInfo Property { get; }

    /// <summary>The key in the file.</summary>
    public string Key { get; }

    /// <summary>The shape of the value.</summary>
    public OptionKind Kind { get; }

    /// <summary>The type of the value, of a list's items or of the named sections.</summary>
    public Type ElementType { get; }

    /// <summary>The format of the value or of a list's items; null for sections.</summary>
    public ScalarFormat? Scalar { get; }

    /// <summary>Whether the key must be there.</summary>
    public bool IsRequired { get; }

    /// <summary>Whether null is a value.</summary>
    public bool IsNullable { get; }

    /// <summary>Whether the value is a path, to be taken from the file's directory when relative.</summary>
    public bool IsFilePath { get; }

    /// <summary>The allowed range; null when there is none.</summary>
    public LimitsAttribute? Limits { get; }

    /// <summary>The value when the key is absent.</summary>
    public object? Default { get; }

    /// <summary>The keys of a section, in the order of declaration.</summary>
    /// <param name="section">An options class.</param>
    public static ImmutableArray<OptionField> Of(Type section)
    {
        ArgumentNullException.ThrowIfNull(section);
        var defaults = Create(section);
        return [.. section
            .GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .OrderBy(property => property.MetadataToken)
            .Select(property => new OptionField(property, defaults))];
    }

    /// <summary>An options object that holds the defaults.</summary>
    /// <param name="section">An options class.</param>
    public static object Create(Type section) =>
        Activator.CreateInstance(section)
        ?? throw new InvalidOperationException($"{section.Name} has no parameterless constructor");

    private static bool IsNullableProperty(PropertyInfo property)
    {
        if (property.PropertyType.IsValueType)
            return Nullable.GetUnderlyingType(property.PropertyType) is not null;
        lock (Nullability)
        {
            // NullabilityInfoContext caches without a lock of its own; tests load configurations in parallel.
            return Nullability.Create(property).ReadState == NullabilityState.Nullable;
        }
    }
}
