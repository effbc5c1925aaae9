namespace SelfHeal.UnitTests.Tidy;

/// <summary>
/// Each rule on text that breaks it and on text that only looks so: a check that cannot fail is a defect.
/// </summary>
public sealed class TextRulesTests
{
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal) { "LedgerHead" };

    [Test]
    public void LongLines_121Columns_AreFound()
    {
        Assert.That(TextRules.LongLines(File(new string('x', 121))), Has.One.Contains("sample.cs:1"));
        Assert.That(TextRules.LongLines(File(new string('x', 120) + "\r\n")), Is.Empty);
    }

    [Test]
    public void Tabs_OneTab_IsFound() => Assert.That(TextRules.Tabs(File("a\n\tb")), Has.One.Contains("sample.cs:2"));

    [Test]
    public void Regions_OneRegion_IsFound() =>
        Assert.That(TextRules.Regions(File("  #region Fields\n#endregion")), Has.One.Contains("sample.cs:1"));

    [TestCase("// {0}: later", 1)]
    [TestCase("// {0} (#12): later", 0)]
    [TestCase("var {0}List = 1;", 0)]
    public void ToDosWithoutIssue_OpenEnds_NeedANumber(string line, int findings)
    {
        var word = string.Concat("TO", "DO");
        Assert.That(
            TextRules.ToDosWithoutIssue(File(line.Replace("{0}", word, StringComparison.Ordinal))).Count(),
            Is.EqualTo(findings));
    }

    [TestCase("void Long()\n{\n#}\n", 67, 0)]
    [TestCase("void Long()\n{\n#}\n", 68, 1)]
    [TestCase("int Long() =>\n# 1;\n", 68, 0)]
    [TestCase("int Long() =>\n# 1;\n", 69, 1)]
    [TestCase("int Long\n{\nget\n{\n#}\n}\n", 70, 1)]
    [TestCase("/// <summary>A comment is not a line of the method.</summary>\nvoid Long()\n{\n#}\n", 67, 0)]
    [TestCase("private static readonly int[] Table =\n[\n#];\n", 100, 0)]
    [TestCase("private static readonly Map Table = new()\n{\n#};\n", 100, 0)]
    public void LongMethods_Body_CountsFromHeaderToBrace(string member, int bodyLines, int findings)
    {
        // The body's braces are in strings, characters and comments: they must not confuse the count.
        var filler = string.Concat(Enumerable.Repeat("// }}} \" ' {\n", bodyLines));
        var body = member.Replace("#", filler, StringComparison.Ordinal);
        var text = $"namespace A;\n\npublic sealed class B\n{{\n{body}}}\n";
        Assert.That(TextRules.LongMethods(File(text)).Count(), Is.EqualTo(findings), text);
    }

    [Test]
    public void Members_OfARealFile_AreFoundWithTheirLines()
    {
        var writer = SourceText.Load(Path.Combine(Repository.Root, "src/SelfHeal.Ledger/SqliteLedgerWriter.cs"));
        var shape = CodeShape.Of(writer.Text);
        var append = shape.Members.Single(member => member.Name.Contains(" Append(", StringComparison.Ordinal));
        var lines = writer.Lines.ToArray();
        Assert.Multiple(() =>
        {
            Assert.That(shape.Members, Has.Count.EqualTo(11), string.Join('\n', shape.Members));
            Assert.That(lines[append.Line - 1].Line, Does.Contain("public AppendResult Append("));
            Assert.That(lines[append.Line + append.Length - 2].Line, Is.EqualTo("    }"));
        });
    }

    [TestCase("var a = \"}\";")]
    [TestCase("var a = '}';")]
    [TestCase("var a = '\\'';")]
    [TestCase("var a = @\"\\\";")]
    [TestCase("var a = @\"\"\"}\";")]
    [TestCase("var a = $\"{{{b[\"}\"]}}}\";")]
    [TestCase("var a = $\"{b:x4}}}\";")]
    [TestCase("var a = \"\"\"\n } \" \"\" {{ \n\"\"\";")]
    [TestCase("var a = $$\"\"\"\n } {{b}} \"\"\";")]
    [TestCase("/* } \" */ // } '")]
    [TestCase("var a = \"\";")]
    public void Blank_BracesThatAreNotCode_AreGoneAndLinesStay(string code)
    {
        var blank = CodeText.Blank($"void F() {{ {code}\n}} // end");
        Assert.That(blank.Count(character => character is '{'), Is.EqualTo(1), blank);
        Assert.That(blank.Count(character => character is '}'), Is.EqualTo(1), blank);
        Assert.That(blank.Split('\n'), Has.Length.EqualTo(code.Split('\n').Length + 1));
    }

    [Test]
    public void LongFile_501Lines_IsFound()
    {
        var lines = string.Concat(Enumerable.Repeat("x\n", 500));
        Assert.That(TextRules.LongFile(File(lines + "x\n")), Has.One.Contains("501 lines"));
        Assert.That(TextRules.LongFile(File(lines)), Is.Empty);
    }

    [TestCase("public sealed class A\n{\n public sealed class C { }\n}\ninternal sealed class B;", 0)]
    [TestCase("public sealed class A { }\npublic enum B { One }", 1)]
    [TestCase("public readonly record struct A(int X);\npublic interface IB;", 1)]
    [TestCase("public sealed class A { }\npublic delegate void B();", 1)]
    [TestCase("public abstract record A;\npublic sealed record B(int X) : A;\npublic sealed record C : A { }", 0)]
    [TestCase("public abstract record A;\npublic sealed record B(int X) : A;\npublic sealed record C(int X);", 1)]
    [TestCase("/// public class A\n public class B { string s = \"public class C { }\"; }", 0)]
    public void ManyPublicTypes_TwoThatAreNoHierarchy_AreFound(string types, int findings)
    {
        Assert.That(TextRules.ManyPublicTypes(File($"using X;\nnamespace N;\n{types}")).Count(), Is.EqualTo(findings));
        Assert.That(TextRules.ManyPublicTypes(File($"namespace N\n{{\n{types}\n}}")).Count(), Is.EqualTo(findings));
    }

    [TestCase("see /wo|rk/main", 1)]
    [TestCase("\"/ho|me/someone/x\"", 1)]
    [TestCase("https://registry.npm|js.org/x", 1)]
    [TestCase("\"reso|lved\": \"https://mirror/x.tgz\"", 1)]
    [TestCase("src/wo|rk/main", 0)]
    [TestCase("$(Dir)/wo|rk/", 0)]
    public void MachinePathsAndRegistries_PathOfOneMachine_IsFound(string line, int findings) => Assert.That(
        TextRules.MachinePathsAndRegistries(File(line.Replace("|", "", StringComparison.Ordinal))).Count(),
        Is.EqualTo(findings));

    [Test]
    public void UnknownNames_TypeThatIsGone_IsFound() => Assert.That(
        TextRules.UnknownNames(File("`LedgerHead` and `LedgerTail`, `NACK`, `sqlite`, `Envoy.Api`"), Known),
        Is.EqualTo(new[] { "sample.cs:1: speaks of `LedgerTail`, which is not in the compiled project" }));

    private static SourceText File(string text) => new("sample.cs", text);
}
