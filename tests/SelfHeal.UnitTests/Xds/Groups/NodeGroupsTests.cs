using Envoy.Config.Core.V3;
using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.Xds.Groups;

namespace SelfHeal.UnitTests.Xds.Groups;

internal sealed class NodeGroupsTests
{
    [TestCase("edge-*", "edge-", true)]
    [TestCase("edge-*", "edge-1", true)]
    [TestCase("edge-*", "edge", false)]
    [TestCase("*~10.*~*.svc", "sidecar~10.0.0.1~a.svc", true)]
    [TestCase("*a*b", "aab", true)]
    [TestCase("*a*b", "aba", false)]
    [TestCase("a", "A", false)]
    [TestCase("", "", true)]
    [TestCase("**", "anything", true)]
    [TestCase("a?", "ab", false)]
    public void Matches_Glob_StarIsAnyRunAndAllElseItself(string pattern, string text, bool matches) =>
        Assert.That(new GlobPattern(pattern).Matches(text), Is.EqualTo(matches));

    [Test]
    public void Matches_GlobOfAnyStars_AgreesWithARecursiveDefinition()
    {
        var letters = Gen.Elements('a', 'b', '*');
        var patterns = Gen.ArrayOf(letters, 8).Select(static p => new string(p));
        var texts = Gen.ArrayOf(Gen.Elements('a', 'b'), 10).Select(static t => new string(t));
        Prop.ForAll(patterns.ToArbitrary(), texts.ToArbitrary(), static (pattern, text) =>
            new GlobPattern(pattern).Matches(text) == Defined(pattern, text)).QuickCheckThrowOnFailure();

        static bool Defined(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text) => pattern switch
        {
            [] => text.IsEmpty,
            ['*', .. var rest] => Defined(rest, text) || (!text.IsEmpty && Defined(pattern, text[1..])),
            [var first, .. var rest] => !text.IsEmpty && text[0] == first && Defined(rest, text[1..]),
        };
    }

    [Test]
    public void Assign_SeveralMatch_FirstWins()
    {
        var groups = new NodeGroups(
            [
                new NodeGroup("one", new NodeMatch { Id = new GlobPattern("edge-1*") }, "/one"),
                new NodeGroup("all", new NodeMatch { Id = new GlobPattern("edge-*") }, "/all"),
            ],
            "/default");

        Assert.That(
            new[] { "edge-12", "edge-2", "other" }.Select(id => groups.Assign(new Node { Id = id }).Group),
            Is.EqualTo(new[] { "one", "all", NodeGroups.Default }));
    }

    [Test]
    public void Assign_EveryCondition_MustHold()
    {
        var match = new NodeMatch
        {
            Cluster = new GlobPattern("web*"),
            Region = "eu",
            Zone = "a",
            SubZone = "",
            Metadata = new NodeMatch().Metadata
                .Add("labels.app.kubernetes.io/name", "shop").Add("canary", "true").Add("build", "7"),
        };
        var groups = new NodeGroups([new NodeGroup("web", match, "/web")], "/default");
        var node = new Node
        {
            Id = "n",
            Cluster = "web-1",
            Locality = new Locality { Region = "eu", Zone = "a" },
            Metadata = new Struct
            {
                Fields =
                {
                    ["labels"] = Value.ForStruct(new Struct
                    {
                        Fields = { ["app.kubernetes.io/name"] = Value.ForString("shop") },
                    }),
                    ["canary"] = Value.ForBool(true),
                    ["build"] = Value.ForNumber(7),
                },
            },
        };
        Action<Node>[] changes =
        [
            static n => n.Cluster = "api",
            static n => n.Locality.Region = "us",
            static n => n.Locality.Zone = "",
            static n => n.Locality.SubZone = "x",
            static n => n.Locality = null,
            static n => n.Metadata = null,
            static n => n.Metadata.Fields["canary"] = Value.ForBool(false),
            static n => n.Metadata.Fields["build"] = Value.ForString("8"),
            static n => n.Metadata.Fields["labels"] = Value.ForString("shop"),
        ];

        using (Assert.EnterMultipleScope())
        {
            Assert.That(groups.Assign(node).Group, Is.EqualTo("web"));
            foreach (var change in changes)
            {
                var changed = node.Clone();
                change(changed);
                Assert.That(groups.Assign(changed).Group, Is.EqualTo(NodeGroups.Default), changed.ToString());
            }
        }
    }

    [Test]
    public void Assign_PlaceOfItsOwn_NamesDirectoryAndGroupByNode()
    {
        var groups = new NodeGroups(
            [new NodeGroup("own", new NodeMatch(), "/nodes/{cluster}/{id}/xds")], "/default");

        var assignment = groups.Assign(new Node { Id = "n-{cluster}", Cluster = "c" });

        Assert.That(assignment, Is.EqualTo(new GroupAssignment("own/n-{cluster}/c", "/nodes/c/n-{cluster}/xds", "")));
        Assert.That(groups.Fixed.Select(static group => group.Group), Is.EqualTo(new[] { NodeGroups.Default }));
    }

    [TestCase("", "is empty")]
    [TestCase("..", "dot")]
    [TestCase(".", "dot")]
    [TestCase(".hidden", "dot")]
    [TestCase("a..b", "dot")]
    [TestCase("a/b", "slash")]
    [TestCase("a\\b", "slash")]
    [TestCase("a\nb", "control")]
    [TestCase("a\0b", "control")]
    [TestCase("a\uFFFDb", "valid text")]
    public void Assign_IdThatIsNoName_IsRefusedWithTheReason(string id, string reason)
    {
        var groups = new NodeGroups([new NodeGroup("own", new NodeMatch(), "/nodes/{id}")], "/default");

        var assignment = groups.Assign(new Node { Id = id });

        Assert.That(assignment.IsServed, Is.False);
        Assert.That(assignment.Resources, Is.Empty);
        Assert.That(assignment.Problem, Does.Contain("group 'own': node.id").And.Contain(reason));
    }

    [Test]
    public void Assign_AnyNode_NeverLeavesTheDirectory()
    {
        const string root = "/nodes/";
        var groups = new NodeGroups([new NodeGroup("own", new NodeMatch(), $"{root}x{{id}}{{cluster}}")], "/default");
        var names = Gen.ArrayOf(Gen.Elements('a', '.', '/', '\\', '{', '}', 'i', 'd', '\u0001', '\uD800', '~'), 5)
            .Select(static c => new string(c));
        Prop.ForAll(names.ToArbitrary(), names.ToArbitrary(), (id, cluster) =>
        {
            var assignment = groups.Assign(new Node { Id = id, Cluster = cluster });
            return !assignment.IsServed
                || (Path.GetFullPath(assignment.Resources) == assignment.Resources
                    && Path.GetDirectoryName(assignment.Resources) == root.TrimEnd('/'));
        }).QuickCheckThrowOnFailure();
    }
}
