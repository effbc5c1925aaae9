using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace SelfHeal.UnitTests.Tidy;

/// <summary>
/// The reference tables of an assembly: what the compiler really bound, whatever the text looks like.
/// </summary>
internal sealed record CompiledAssembly(
    IReadOnlyList<string> References,
    IReadOnlyList<MemberUse> MemberUses,
    IReadOnlySet<string> Names)
{
    public static CompiledAssembly Load(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var reader = file.GetMetadataReader();
        return new CompiledAssembly(
            [.. reader.AssemblyReferences.Select(handle => reader.GetString(reader.GetAssemblyReference(handle).Name))],
            [.. reader.MemberReferences.Select(handle => Use(reader, reader.GetMemberReference(handle)))],
            AllNames(reader));
    }

    private static MemberUse Use(MetadataReader reader, MemberReference member)
    {
        var type = member.Parent.Kind switch
        {
            HandleKind.TypeReference => SignatureNames.Instance.GetTypeFromReference(
                reader, (TypeReferenceHandle)member.Parent, 0),
            HandleKind.TypeSpecification => SignatureNames.Instance.GetTypeFromSpecification(
                reader, null, (TypeSpecificationHandle)member.Parent, 0),
            _ => "",
        };
        var parameters = member.GetKind() is MemberReferenceKind.Method
            ? member.DecodeMethodSignature(SignatureNames.Instance, null).ParameterTypes.ToArray()
            : [];
        return new MemberUse(type, reader.GetString(member.Name), parameters);
    }

    /// <summary>
    /// Every name that a README may speak of: types, members and namespaces of the assembly, and the types that it
    /// uses.
    /// </summary>
    private static HashSet<string> AllNames(MetadataReader reader)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var type in reader.TypeDefinitions.Select(reader.GetTypeDefinition))
        {
            names.UnionWith(reader.GetString(type.Namespace).Split('.'));
            names.Add(Plain(reader.GetString(type.Name)));
            names.UnionWith(type.GetMethods().Select(it => reader.GetString(reader.GetMethodDefinition(it).Name)));
            names.UnionWith(type.GetFields().Select(it => reader.GetString(reader.GetFieldDefinition(it).Name)));
            names.UnionWith(type.GetProperties().Select(it => reader.GetString(reader.GetPropertyDefinition(it).Name)));
        }

        names.UnionWith(reader.TypeReferences.Select(it => Plain(reader.GetString(reader.GetTypeReference(it).Name))));
        return names;
    }

    private static string Plain(string name) => name.Split('`')[0];
}
