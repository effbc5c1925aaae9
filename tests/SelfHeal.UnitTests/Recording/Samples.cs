using System.Collections;
using System.Collections.Immutable;
using System.Reflection;

namespace SelfHeal.UnitTests.Recording;

/// <summary>
/// Makes a value of a type with something different in every place, so that a codec that forgets a place is found out;
/// what is added to a type later is filled too.
/// </summary>
internal static class Samples
{
    private static readonly MethodInfo Sequence = typeof(Samples).GetMethod(nameof(ArrayOf), BindingFlags.Static
        | BindingFlags.NonPublic) ?? throw new InvalidOperationException("ArrayOf is below");

    public static object Of(Type type)
    {
        var seed = 1;
        return Of(type, ref seed);
    }

    /// <summary>All values within a value, by path, so that two of them can be compared.</summary>
    public static IEnumerable<(string Path, object? Value)> Leaves(object? value, string path = "")
    {
        if (value is null || IsLeaf(value.GetType()))
            return [(path, value)];
        if (value is IDictionary dictionary)
        {
            return dictionary.Keys.Cast<object>().OrderBy(static k => k.ToString(), StringComparer.Ordinal)
                .SelectMany(key => Leaves(dictionary[key], $"{path}[{key}]"));
        }

        if (value is IEnumerable items)
        {
            var all = items.Cast<object>().ToList();
            return all.SelectMany((item, index) => Leaves(item, $"{path}[{index}]")).Prepend(($"{path}#", all.Count));
        }

        return Properties(value.GetType()).SelectMany(p => Leaves(p.GetValue(value), $"{path}.{p.Name}"));
    }

    /// <summary>The properties that hold a value's state.</summary>
    public static IEnumerable<PropertyInfo> Properties(Type type) => type
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(static p => p.GetIndexParameters().Length == 0 && p.SetMethod is { IsPublic: true });

    public static bool IsLeaf(Type type) =>
        type.IsPrimitive || type.IsEnum || type == typeof(string) || type == typeof(decimal)
        || type == typeof(TimeSpan) || type == typeof(DateTimeOffset) || type == typeof(DateTime);

    private static object Of(Type type, ref int seed)
    {
        seed++;
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string))
            return $"text {seed} \u00e9\ud83d\ude00";
        if (type == typeof(bool))
            return true;
        if (type == typeof(TimeSpan))
            return TimeSpan.FromTicks(seed * 10_000_003L);
        if (type == typeof(DateTimeOffset))
            return DateTimeOffset.UnixEpoch.AddTicks(seed * 10_000_003L);
        if (type.IsEnum)
            return Enum.GetValues(type).GetValue(Math.Min(1, Enum.GetValues(type).Length - 1))
                ?? throw new InvalidOperationException($"{type} has no members");
        if (type == typeof(double))
            return seed + 0.1;
        if (type.IsPrimitive)
            return Convert.ChangeType(seed, type, System.Globalization.CultureInfo.InvariantCulture);
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>))
        {
            var item = type.GetGenericArguments()[0];
            object[] items = [Of(item, ref seed), Of(item, ref seed)];
            return Sequence.MakeGenericMethod(item).Invoke(null, items)!; // It returns an array.
        }

        if (type == typeof(ImmutableDictionary<string, int>))
            return ImmutableDictionary.Create<string, int>(StringComparer.Ordinal).Add($"key {seed}", seed);
        return Make(type, ref seed);
    }

    private static object Make(Type type, ref int seed)
    {
        var constructor = type.GetConstructors().OrderByDescending(static c => c.GetParameters().Length).First();
        var arguments = new List<object>();
        foreach (var parameter in constructor.GetParameters())
            arguments.Add(Of(parameter.ParameterType, ref seed));
        var made = constructor.Invoke([.. arguments]);
        foreach (var property in Properties(type).Where(p => constructor.GetParameters().All(a => a.Name != p.Name)))
            property.SetValue(made, Of(property.PropertyType, ref seed));
        return made;
    }

    private static ImmutableArray<T> ArrayOf<T>(T first, T second) => [first, second];
}
