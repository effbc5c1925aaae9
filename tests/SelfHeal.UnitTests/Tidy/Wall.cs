using System.Xml.Linq;

namespace SelfHeal.UnitTests.Tidy;

/// <summary>What one project may reference: the table of docs/architecture as code.</summary>
/// <param name="Projects">Projects of ours.</param>
/// <param name="Packages">Packages named in the project file.</param>
/// <param name="Assemblies">Assemblies of those packages, as the compiler names them; those that reach a project
/// through another project are here too.</param>
/// <param name="AspNet">Whether the ASP.NET shared framework may be used, which brings Microsoft.Extensions.*.</param>
internal sealed record Wall(string[] Projects, string[] Packages, string[] Assemblies, bool AspNet = false)
{
    private const string Protobuf = "Google.Protobuf";
    private const string Yaml = "YamlDotNet";
    private const string Sqlite = "Microsoft.Data.Sqlite";
    private const string SqliteBundle = "SQLitePCLRaw.bundle_e_sqlite3";

    /// <summary>Runs while building only, or is given to every project by Directory.Build.props.</summary>
    private static readonly string[] BuildOnly = ["Grpc.Tools", "Meziantou.Analyzer"];

    private static readonly string FrameworkDirectory = Path.GetDirectoryName(typeof(object).Assembly.Location) ?? "";

    public static IReadOnlyDictionary<string, Wall> All { get; } = new Dictionary<string, Wall>(StringComparer.Ordinal)
    {
        ["Envoy.Api"] = new([], [Protobuf], [Protobuf]),
        ["SelfHeal.Core"] = new([], ["System.Numerics.Tensors"], ["System.Numerics.Tensors"]),
        ["SelfHeal.Xds"] = new(["SelfHeal.Core", "Envoy.Api"], [Protobuf, Yaml], [Protobuf, Yaml]),
        ["SelfHeal.Grpc"] = new([], [Protobuf], [Protobuf], AspNet: true),
        ["SelfHeal.Kubernetes"] = new([], [Yaml], [Yaml]),
        ["SelfHeal.Ledger"] = new(
            [],
            [Sqlite, SqliteBundle],
            [Sqlite, "SQLitePCLRaw.core", "SQLitePCLRaw.batteries_v2"]),
        ["SelfHeal.Lab"] = new(
            ["Envoy.Api", "SelfHeal.Grpc", "SelfHeal.Core"],
            [Protobuf],
            [Protobuf],
            AspNet: true),
        ["SelfHeal.Sidecar"] = new(
            [
                "Envoy.Api", "SelfHeal.Core", "SelfHeal.Xds", "SelfHeal.Grpc", "SelfHeal.Kubernetes", "SelfHeal.Ledger",
                "SelfHeal.Lab",
            ],
            [
                Protobuf, Yaml, Sqlite, "Serilog", "Serilog.Extensions.Logging", "Serilog.Sinks.Console",
                "Serilog.Sinks.File", "Spectre.Console", "System.CommandLine", "OpenTelemetry",
                "OpenTelemetry.Exporter.OpenTelemetryProtocol",
            ],
            [
                Protobuf, Yaml, Sqlite, "Serilog", "Serilog.Extensions.Logging", "Serilog.Sinks.Console",
                "Serilog.Sinks.File", "Spectre.Console", "System.CommandLine", "OpenTelemetry",
                "OpenTelemetry.Exporter.OpenTelemetryProtocol",
            ],
            AspNet: true),
    };

    /// <summary>The arrows of a project file that the table does not have.</summary>
    public IEnumerable<string> Violations(XElement project)
    {
        var projects = Includes(project, "ProjectReference").Select(PathToName);
        foreach (var name in projects.Except(Projects, StringComparer.Ordinal))
            yield return $"references the project {name}";
        var packages = Includes(project, "PackageReference").Except(BuildOnly, StringComparer.Ordinal);
        foreach (var name in packages.Except(Packages, StringComparer.Ordinal))
            yield return $"references the package {name}";
        foreach (var name in Includes(project, "Reference"))
            yield return $"references the file {name}";
        var usesWeb = project.Attribute("Sdk")?.Value is "Microsoft.NET.Sdk.Web";
        if (!AspNet && (usesWeb || Includes(project, "FrameworkReference").Any()))
            yield return "references a shared framework";
    }

    /// <summary>The assemblies that the compiler bound and the table does not have.</summary>
    public IEnumerable<string> Violations(IEnumerable<string> references) => references
        .Where(name => !IsIn(FrameworkDirectory, name))
        .Except(Projects, StringComparer.Ordinal)
        .Except(Assemblies, StringComparer.Ordinal)
        .Where(name => !(AspNet && IsIn(AspNetDirectory(), name)))
        .Select(name => $"its code uses the assembly {name}");

    private static IEnumerable<string> Includes(XElement project, string item) => project
        .Descendants(item)
        .Select(element => element.Attribute("Include")?.Value)
        .OfType<string>()
        .SelectMany(value => value.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    private static string PathToName(string path) => Path.GetFileNameWithoutExtension(path.Replace('\\', '/'));

    private static bool IsIn(string directory, string assembly) =>
        File.Exists(Path.Combine(directory, assembly + ".dll"));

    /// <summary>
    /// shared/Microsoft.AspNetCore.App lies beside shared/Microsoft.NETCore.App, in the same version.
    /// </summary>
    private static string AspNetDirectory() => FrameworkDirectory.Replace(
        "Microsoft.NETCore.App", "Microsoft.AspNetCore.App", StringComparison.Ordinal);
}
