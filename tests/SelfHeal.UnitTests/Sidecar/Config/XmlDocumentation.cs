using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace SelfHeal.UnitTests.Sidecar.Config;

/// <summary>The doc comments of an assembly, as the compiler left them beside it.</summary>
internal sealed partial class XmlDocumentation
{
    private readonly Dictionary<string, string> _summaries;

    public XmlDocumentation(Assembly assembly)
    {
        var path = Path.ChangeExtension(assembly.Location, ".xml");
        _summaries = XDocument.Load(path).Descendants("member").ToDictionary(
            member => member.Attribute("name")?.Value ?? "",
            member => Spaces().Replace(member.Element("summary")?.Value ?? "", " ").Trim(),
            StringComparer.Ordinal);
    }

    public string SummaryOf(Type type) => _summaries[$"T:{type.FullName}"];

    public string SummaryOf(PropertyInfo property) =>
        _summaries[$"P:{property.DeclaringType?.FullName}.{property.Name}"];

    [GeneratedRegex(@"\s+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Spaces();
}
