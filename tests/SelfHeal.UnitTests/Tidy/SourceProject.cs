using System.Xml.Linq;

namespace SelfHeal.UnitTests.Tidy;

/// <summary>One project under src: what its file says and where the build put its assembly.</summary>
internal sealed record SourceProject(string Name, string Directory, XElement Definition)
{
    /// <summary>Beside the tests, because they reference every project under src.</summary>
    public string AssemblyPath => Path.Combine(
        AppContext.BaseDirectory,
        (Definition.Descendants("AssemblyName").FirstOrDefault()?.Value ?? Name) + ".dll");

    public static SourceProject Load(string path) =>
        new(Path.GetFileNameWithoutExtension(path), Path.GetDirectoryName(path) ?? "", XElement.Load(path));

    public CompiledAssembly LoadAssembly() => File.Exists(AssemblyPath)
        ? CompiledAssembly.Load(AssemblyPath)
        : throw new FileNotFoundException($"{Name} was not built for the tests: {AssemblyPath} is missing");

    public override string ToString() => Name;
}
