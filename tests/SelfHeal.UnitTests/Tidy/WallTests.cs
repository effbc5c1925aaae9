using System.Xml.Linq;

namespace SelfHeal.UnitTests.Tidy;

/// <summary>Arrows between projects point where the architecture says, in project files and in compiled code.</summary>
public sealed class WallTests
{
    private static IEnumerable<string> ProjectNames => Repository.SourceProjects.Select(project => project.Name);

    [Test]
    public void Projects_UnderSrc_AreInTheTable()
    {
        Assert.That(ProjectNames, Is.Not.Empty);
        Assert.That(ProjectNames, Is.SubsetOf(Wall.All.Keys));
    }

    [TestCaseSource(nameof(ProjectNames))]
    public void ProjectFile_References_AreAllowed(string name) =>
        Findings.ExpectNone(Wall.All[name].Violations(Repository.Project(name).Definition));

    [TestCaseSource(nameof(ProjectNames))]
    public void Assembly_References_AreAllowed(string name) =>
        Findings.ExpectNone(Wall.All[name].Violations(Repository.Project(name).LoadAssembly().References));

    [TestCase("<ProjectReference Include='../SelfHeal.Xds/SelfHeal.Xds.csproj' />", "the project SelfHeal.Xds")]
    [TestCase("<ProjectReference Include='..\\SelfHeal.Grpc\\SelfHeal.Grpc.csproj' />", "the project SelfHeal.Grpc")]
    [TestCase("<PackageReference Include='Google.Protobuf' />", "the package Google.Protobuf")]
    [TestCase("<PackageReference Include='Serilog.Sinks.Console' />", "the package Serilog.Sinks.Console")]
    [TestCase("<Reference Include='Some.dll' />", "the file Some.dll")]
    [TestCase("<FrameworkReference Include='Microsoft.AspNetCore.App' />", "a shared framework")]
    public void ProjectFile_ArrowOutOfCore_IsFound(string item, string found)
    {
        var project = XElement.Parse($"<Project Sdk='Microsoft.NET.Sdk'><ItemGroup>{item}</ItemGroup></Project>");
        Assert.That(Wall.All["SelfHeal.Core"].Violations(project), Is.EqualTo(new[] { $"references {found}" }));
    }

    [Test]
    public void ProjectFile_WebSdkInCore_IsFound() => Assert.That(
        Wall.All["SelfHeal.Core"].Violations(XElement.Parse("<Project Sdk='Microsoft.NET.Sdk.Web' />")),
        Is.EqualTo(new[] { "references a shared framework" }));

    [Test]
    public void Assembly_ThatUsesATestFramework_IsFound()
    {
        var tests = CompiledAssembly.Load(typeof(WallTests).Assembly.Location);
        Assert.That(
            Wall.All["SelfHeal.Core"].Violations(tests.References),
            Does.Contain("its code uses the assembly nunit.framework")
                .And.Contains("its code uses the assembly SelfHeal.Ledger")
                .And.None.Contains("System.Runtime"));
    }

    [Test]
    public void Assembly_ThatUsesAspNet_IsFoundOnlyWhereItIsNotAllowed()
    {
        string[] references = ["Microsoft.AspNetCore.Server.Kestrel.Core", "Microsoft.Extensions.Logging.Abstractions"];
        Assert.That(Wall.All["SelfHeal.Core"].Violations(references).Count(), Is.EqualTo(2));
        Assert.That(Wall.All["SelfHeal.Grpc"].Violations(references), Is.Empty);
    }
}
