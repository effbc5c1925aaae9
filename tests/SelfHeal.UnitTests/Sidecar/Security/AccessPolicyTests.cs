using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Envoy.Config.Core.V3;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Security;
using SelfHeal.UnitTests.Time;
using SelfHeal.Xds.Resources;

namespace SelfHeal.UnitTests.Sidecar.Security;

internal sealed class AccessPolicyTests
{
    private const string Shop = "spiffe://td/ns/shop/sa/web";

    [Test]
    public void Grant_NoRules_IsEverything()
    {
        var grant = new AccessPolicy(new XdsOptions()).Grant(Peer(), NodeOf("any"));

        var secrets = new List<string> { "a", "*" };
        Assert.That(grant!.AllowsType(TypeUrl.Secret), Is.True);
        Assert.That(grant.RemoveForbidden(TypeUrl.Secret, secrets, leavesNames: false), Is.Zero);
    }

    [TestCase(Shop, "edge.shop", "edge", true)]
    [TestCase(Shop, "edge.bank", "edge", false, TestName = "the node names another namespace")]
    [TestCase(Shop, "edge.shop", "core", false, TestName = "the cluster is another")]
    [TestCase("spiffe://other/ns/shop/sa/web", "edge.shop", "edge", false, TestName = "the name is another's")]
    public void Grant_NameNodeAndCluster_MustAllMatch(string name, string node, string cluster, bool granted)
    {
        var policy = Policy(("mesh", new XdsAuthorisationOptions
        {
            Sans = ["spiffe://td/ns/{namespace}/sa/*"],
            Nodes = ["*.{namespace}"],
            Clusters = ["edge"],
        }));

        var grant = policy.Grant(Peer(name), new Node { Id = node, Cluster = cluster });

        Assert.That(grant is not null, Is.EqualTo(granted));
    }

    [Test]
    public void Grant_SeveralNames_OneIsEnough()
    {
        var policy = Policy(("mesh", new XdsAuthorisationOptions
        {
            Sans = ["spiffe://td/ns/{namespace}/sa/*"],
            Nodes = ["*.{namespace}"],
        }));

        Assert.That(policy.Grant(Peer("web.example.com", "spiffe://td/ns/bank/sa/a", Shop), NodeOf("edge.shop")),
            Is.Not.Null);
    }

    [Test]
    public void Grant_RuleWithNames_IsNotForAPeerWithoutACertificate()
    {
        var policy = Policy(("mesh", new XdsAuthorisationOptions { Sans = ["**"] }));

        Assert.That(policy.Grant(Peer(), NodeOf("a")), Is.Null);
    }

    [Test]
    public void Grant_TwoRules_TheFirstByNameCounts()
    {
        var policy = Policy(
            ("b-rest", new XdsAuthorisationOptions()),
            (
                "a-edge",
                new XdsAuthorisationOptions { Nodes = ["edge-*"], Types = ["envoy.config.cluster.v3.Cluster"] }));

        Assert.That(policy.Grant(Peer(), NodeOf("edge-1"))?.Rule, Is.EqualTo("a-edge"));
        Assert.That(policy.Grant(Peer(), NodeOf("other"))?.Rule, Is.EqualTo("b-rest"));
    }

    [Test]
    public void AllowsType_ListOfTypes_IsExact()
    {
        var policy = Policy(("edge", new XdsAuthorisationOptions { Types = ["envoy.config.cluster.v3.Cluster"] }));
        var grant = policy.Grant(Peer(), NodeOf("a"))!; // The rule speaks of every peer.

        Assert.That(grant.AllowsType(TypeUrl.Cluster), Is.True);
        Assert.That(grant.AllowsType(TypeUrl.Listener), Is.False);
    }

    [Test]
    public void RemoveForbidden_Secrets_OnlyThoseOfTheRuleStay()
    {
        var policy = Policy(("mesh", new XdsAuthorisationOptions
        {
            Sans = ["spiffe://td/ns/{namespace}/sa/*"],
            Secrets = ["{namespace}/**", "shared"],
        }));
        var grant = policy.Grant(Peer(Shop), NodeOf("a"))!; // The rule speaks of this peer.
        var names = new List<string> { "shop/tls", "bank/tls", "shared", "*" };

        var removed = grant.RemoveForbidden(TypeUrl.Secret, names, leavesNames: false);

        Assert.That(removed, Is.EqualTo(2));
        Assert.That(names, Is.EqualTo(new[] { "shop/tls", "shared" }));
    }

    [Test]
    public void RemoveForbidden_NamesAreLeft_TheWildcardGoesAndNoForbiddenOneMayBeRead()
    {
        var rule = new XdsAuthorisationOptions { Secrets = ["shared"] };
        var grant = Policy(("some", rule)).Grant(Peer(), NodeOf("a"))!; // Any peer.
        var names = new List<string> { "tls", "*", "shared" };

        Assert.That(grant.RemoveForbidden(TypeUrl.Secret, names, leavesNames: true), Is.EqualTo(2));
        Assert.That(names, Is.EqualTo(new[] { "tls", "shared" }));
        Assert.That(grant.Resources?.MayRead(TypeUrl.Secret, "tls"), Is.False);
        Assert.That(grant.Resources?.MayRead(TypeUrl.Secret, "shared"), Is.True);
        Assert.That(grant.Resources?.MayRead(TypeUrl.Cluster, "tls"), Is.True);
    }

    [Test]
    public void RemoveForbidden_RuleWithoutSecrets_ServesNone()
    {
        var grant = Policy(("all", new XdsAuthorisationOptions())).Grant(Peer(), NodeOf("a"))!; // Any peer.
        var names = new List<string> { "tls" };
        var clusters = new List<string> { "tls" };

        Assert.That(grant.RemoveForbidden(TypeUrl.Secret, names, leavesNames: false), Is.EqualTo(1));
        Assert.That(grant.RemoveForbidden(TypeUrl.Cluster, clusters, leavesNames: false), Is.Zero);
    }

    [Test]
    public void PeerIdentity_Certificate_ItsNamesAreReadInOrder()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=web", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri(Shop));
        names.AddDnsName("web.example.com");
        names.AddIpAddress(IPAddress.Parse("10.1.2.3"));
        names.AddEmailAddress("web@example.com");
        names.AddUserPrincipalName("ignored");
        request.CertificateExtensions.Add(names.Build());
        var now = new SimulatedTimeProvider().GetUtcNow();
        using var certificate = request.CreateSelfSigned(now, now.AddDays(1));

        var peer = PeerIdentity.Of("10.0.0.1:4711", certificate);

        Assert.That(peer.Names, Is.EquivalentTo(new[] { Shop, "web.example.com", "10.1.2.3", "web@example.com" }));
        Assert.That(peer.Key, Is.EqualTo(peer.Names[0]));
    }

    [TestCase("10.0.0.1:4711", "10.0.0.1")]
    [TestCase("[::1]:4711", "::1")]
    [TestCase("unix:/run/selfheal.sock", "unix:/run/selfheal.sock")]
    public void PeerIdentity_NoCertificate_IsTheAddressWithoutThePort(string address, string key) =>
        Assert.That(PeerIdentity.Of(address, null).Key, Is.EqualTo(key));

    [TestCase("0600", UnixFileMode.UserRead | UnixFileMode.UserWrite)]
    [TestCase("0666", (UnixFileMode)438)]
    public void UnixSocketFile_Mode_IsOctal(string text, UnixFileMode mode)
    {
        Assert.That(UnixSocketFile.TryParseMode(text, out var parsed), Is.True);
        Assert.That(parsed, Is.EqualTo(mode));
    }

    [TestCase("600")]
    [TestCase("0680")]
    [TestCase("4755")]
    [TestCase("rw--")]
    public void UnixSocketFile_BadMode_IsNone(string text) =>
        Assert.That(UnixSocketFile.TryParseMode(text, out _), Is.False);

    private static Node NodeOf(string id) => new() { Id = id };

    private static PeerIdentity Peer(params string[] names) =>
        new(names.FirstOrDefault("10.0.0.1"), [.. names], names.Length > 0);

    private static AccessPolicy Policy(params (string Name, XdsAuthorisationOptions Rule)[] rules) =>
        new(new XdsOptions
        {
            Authorisation = rules.ToImmutableSortedDictionary(
                static r => r.Name, static r => r.Rule, StringComparer.Ordinal),
        });
}
