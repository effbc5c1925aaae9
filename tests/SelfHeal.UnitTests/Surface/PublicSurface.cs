using System.Reflection;
using System.Runtime.CompilerServices;

namespace SelfHeal.UnitTests.Surface;

/// <summary>The public types of a library, one line each: what it promises to whoever references it.</summary>
internal static class PublicSurface
{
    /// <summary>The lines, ordered by name.</summary>
    public static string Describe(IEnumerable<Type> types) => string.Concat(types
        .OrderBy(type => type.FullName, StringComparer.Ordinal)
        .Select(type => $"{Kind(type)} {type.FullName}\n"));

    public static IEnumerable<Type> Of(string assemblyPath) => Assembly.LoadFrom(assemblyPath).GetExportedTypes();

    private static string Kind(Type type)
    {
        if (type.IsEnum)
            return "enum";
        if (type.IsInterface)
            return "interface";
        if (typeof(Delegate).IsAssignableFrom(type))
            return "delegate";
        const BindingFlags Instance = BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        var isRecord = type.GetMethod("PrintMembers", Instance) is not null;
        if (type.IsValueType)
            return StructModifiers(type) + (isRecord ? "record struct" : "struct");
        var modifier = (type.IsAbstract, type.IsSealed) switch
        {
            (true, true) => "static ",
            (true, false) => "abstract ",
            (false, true) => "sealed ",
            _ => "",
        };
        return modifier + (isRecord ? "record" : "class");
    }

    private static string StructModifiers(Type type) =>
        (type.IsDefined(typeof(IsReadOnlyAttribute)) ? "readonly " : "") + (type.IsByRefLike ? "ref " : "");
}
