using SelfHeal.Sidecar.Security;

namespace SelfHeal.UnitTests.Sidecar.Security;

internal sealed class IdentityPatternTests
{
    private const string Spiffe = "spiffe://cluster.local/ns/{namespace}/sa/*";

    [TestCase("envoy-1", "envoy-1", true)]
    [TestCase("envoy-1", "Envoy-1", false, TestName = "case counts")]
    [TestCase("envoy-1", "envoy-10", false)]
    [TestCase("*.example.com", "a.example.com", true)]
    [TestCase("*.example.com", "example.com", false)]
    [TestCase("*.example.com", "a.example.com.evil.org", false)]
    [TestCase("spiffe://td/*", "spiffe://td/a", true)]
    [TestCase("spiffe://td/*", "spiffe://td/a/b", false, TestName = "one star stays in its segment")]
    [TestCase("spiffe://td/**", "spiffe://td/a/b", true)]
    [TestCase("spiffe://td/**", "spiffe://td.evil/a", false)]
    [TestCase("*", "", true)]
    [TestCase("**", "anything/at/all", true)]
    [TestCase(Spiffe, "spiffe://cluster.local/ns/shop/sa/web", true)]
    [TestCase(Spiffe, "spiffe://cluster.local/ns//sa/web", false, TestName = "a word has a character")]
    [TestCase(Spiffe, "spiffe://cluster.local/ns/shop/extra/sa/web", false, TestName = "a word holds no slash")]
    [TestCase(Spiffe, "spiffe://cluster.local/ns/shop/sa/web/more", false)]
    [TestCase("{a}-{b}", "x-y-z", true)]
    public void IsMatch_PatternAndName_IsAsTheRulesSay(string text, string name, bool matches) =>
        Assert.That(Parse(text).IsMatch(name, []), Is.EqualTo(matches));

    [Test]
    public void IsMatch_Words_AreRememberedUpToTheCharacterThatFollows()
    {
        var words = new Dictionary<string, string>(StringComparer.Ordinal);

        Assert.That(Parse("{a}-{b}").IsMatch("x-y-z", words), Is.True);

        Assert.That(words, Is.EqualTo(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["a"] = "x", ["b"] = "y-z" }));
    }

    [TestCase("sidecar~10.0.0.1~web.shop~shop.svc.cluster.local", true)]
    [TestCase("sidecar~10.0.0.1~web.bank~shop.svc.cluster.local", false)]
    [TestCase("sidecar~10.0.0.1~web.shopping~shop.svc.cluster.local", false)]
    public void IsMatch_WordThatIsKnown_StandsForThatTextOnly(string node, bool matches)
    {
        var words = new Dictionary<string, string>(StringComparer.Ordinal) { ["namespace"] = "shop" };

        Assert.That(Parse("sidecar~*~*.{namespace}~*").IsMatch(node, words), Is.EqualTo(matches));
    }

    [Test]
    public void IsMatch_KnownWordWithStarsInIt_IsNoPattern()
    {
        var words = new Dictionary<string, string>(StringComparer.Ordinal) { ["namespace"] = "*" };

        Assert.That(Parse("node.{namespace}").IsMatch("node.shop", words), Is.False);
        Assert.That(Parse("node.{namespace}").IsMatch("node.*", words), Is.True);
    }

    [Test]
    public void IsMatch_NoMatch_RemembersNothing()
    {
        var words = new Dictionary<string, string>(StringComparer.Ordinal);

        Assert.That(Parse("{a}/end").IsMatch("x/other", words), Is.False);

        Assert.That(words, Is.Empty);
    }

    [Test]
    public void IsMatch_NameLongerThanAnySpiffeId_MatchesNothing() =>
        Assert.That(Parse("**").IsMatch(new string('a', 2049), []), Is.False);

    [TestCase("", "is empty")]
    [TestCase("a{", "brace without a word")]
    [TestCase("a{}", "brace without a word")]
    [TestCase("a{b c}", "brace without a word")]
    [TestCase("{a}/{a}", "{a} twice")]
    [TestCase("{a}{b}", "side by side")]
    [TestCase("*{b}", "side by side")]
    [TestCase("***", "side by side")]
    [TestCase("a*b*c*d*", "4 stars")]
    public void TryParse_BadPattern_SaysWhatIsWrong(string text, string problem)
    {
        Assert.That(IdentityPattern.TryParse(text, out _, out var found), Is.False);
        Assert.That(found, Does.Contain(problem));
    }

    private static IdentityPattern Parse(string text) =>
        IdentityPattern.TryParse(text, out var pattern, out var problem)
            ? pattern
            : throw new AssertionException(problem);
}
