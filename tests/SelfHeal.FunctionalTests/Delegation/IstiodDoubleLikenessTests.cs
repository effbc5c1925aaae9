using Envoy.Config.Route.V3;
using Envoy.Service.Discovery.V3;
using SelfHeal.FunctionalTests.Conformance;
using SelfHeal.Grpc;

namespace SelfHeal.FunctionalTests.Delegation;

/// <summary>
/// One conversation with the double and, where <c>ISTIOD_XDS</c> says where one listens without TLS, with a real
/// Istiod. It is about names that nobody knows, and so does not depend on what is in the mesh. That a request stays
/// unanswered is seen from what comes next.
/// </summary>
internal sealed class IstiodDoubleLikenessTests : IstiodDoubleTestBase
{
    private const string Own = "double";
    private const string X = "outbound|80||x.example";
    private const string Y = "outbound|80||y.example";
    private const string Z = "outbound|80||z.example";

    private static IEnumerable<string> Servers =>
        Environment.GetEnvironmentVariable("ISTIOD_XDS") is { Length: > 0 } real ? [Own, $"http://{real}"] : [Own];

    [TestCaseSource(nameof(Servers))]
    public async Task Sotw_StaleRejectedAndChangedNames_SameAnswers(string server)
    {
        using var client = new AdsClient<DiscoveryRequest, DiscoveryResponse>(
            AddressOf(server), DiscoveryResponse.Parser, Sidecar);
        var first = await client.AskAsync(Sotw(XdsServices.Eds, "", X));
        Assert.That(Assignments(first), Is.EqualTo(X));
        var second = await client.AskAsync(Sotw(XdsServices.Eds, first.Nonce, X, Y));
        Assert.That(Assignments(second), Is.EqualTo(Y));
        await client.SendAsync(Sotw(XdsServices.Eds, first.Nonce, X, Y, Z));
        var nack = Sotw(XdsServices.Eds, second.Nonce, X, Y, Z);
        nack.ErrorDetail = Error("no good");
        await client.SendAsync(nack);
        var third = await client.AskAsync(Sotw(XdsServices.Eds, second.Nonce, X, Y, Z));
        Assert.That(Assignments(third), Is.EqualTo(Z));
        Assert.That((await client.AskAsync(Sotw(XdsServices.Cds, ""))).TypeUrl, Is.EqualTo(XdsServices.Cds));
        var again = await client.AskAsync(Sotw(XdsServices.Eds, third.Nonce, X, Y, Z));
        Assert.That(Assignments(again), Is.EqualTo($"{X} {Y} {Z}"));
        await client.SendAsync(Sotw(XdsServices.Eds, again.Nonce, X, Y, Z));
        await client.SendAsync(Sotw(XdsServices.Rds, ""));
        await client.SendAsync(Sotw(XdsServices.Eds, "old"));
        Assert.That((await client.AskAsync(Sotw(XdsServices.Eds, "older", X))).Resources, Has.Count.EqualTo(1));
        await client.ExpectSilenceAsync();
    }

    [TestCaseSource(nameof(Servers))]
    public async Task Delta_StaleRejectedAndChangedNames_SameAnswers(string server)
    {
        using var client = new AdsClient<DeltaDiscoveryRequest, DeltaDiscoveryResponse>(
            AddressOf(server), DeltaDiscoveryResponse.Parser, Sidecar);
        var first = await client.AskAsync(Delta(XdsServices.Eds, "of another server", X));
        Assert.That(Told(first), Is.EqualTo(X));
        Assert.That(first.Resources.Single().Version, Is.Empty);
        var second = await client.AskAsync(Delta(XdsServices.Eds, "", Y));
        Assert.That(Told(second), Is.EqualTo(Y));
        await client.SendAsync(Delta(XdsServices.Eds, first.Nonce, Z));
        var nack = Delta(XdsServices.Eds, second.Nonce, Z);
        nack.ErrorDetail = Error("no good");
        await client.SendAsync(nack);
        await client.SendAsync(Delta(XdsServices.Eds, "", X));
        Assert.That(Told(await client.AskAsync(Delta(XdsServices.Eds, "", Z))), Is.EqualTo(Z));
        var clusters = Delta(XdsServices.Cds, "", "*");
        clusters.InitialResourceVersions.Add("gone", "1");
        Assert.That((await client.AskAsync(clusters)).RemovedResources, Is.EqualTo(new[] { "gone" }));
        var endpoints = await client.ReadAsync();
        Assert.That(
            endpoints.Resources.Select(static r => r.Name).Order(StringComparer.Ordinal),
            Is.EqualTo(new[] { X, Y, Z }));
        var unsubscribe = Delta(XdsServices.Eds, endpoints.Nonce);
        unsubscribe.ResourceNamesUnsubscribe.Add(X);
        await client.SendAsync(unsubscribe);
        Assert.That(Told(await client.AskAsync(Delta(XdsServices.Eds, "", X))), Is.EqualTo(X));
        await client.ExpectSilenceAsync();
    }

    [TestCaseSource(nameof(Servers))]
    public async Task NameThatNobodyKnows_SecretsExtensionsAndRoutes_SameAnswers(string server)
    {
        foreach (var node in new[] { Sidecar, Gateway })
        {
            using var client = new AdsClient<DeltaDiscoveryRequest, DeltaDiscoveryResponse>(
                AddressOf(server), DeltaDiscoveryResponse.Parser, node);
            await client.SendAsync(Delta(XdsServices.Sds, "", "kubernetes://x"));
            var extensions = await client.AskAsync(Delta(XdsServices.Ecds, "", "x"));
            Assert.That(extensions.TypeUrl, Is.EqualTo(XdsServices.Ecds));
            Assert.That(Told(extensions), Is.Empty);
            var routes = await client.AskAsync(Delta(XdsServices.Rds, "", "http.9999"));
            Assert.That(Told(routes), Is.EqualTo("http.9999"));
            Assert.That(
                routes.Resources.Single().Resource_.Unpack<RouteConfiguration>(),
                Is.EqualTo(new RouteConfiguration { Name = "http.9999", ValidateClusters = false }));
            await client.ExpectSilenceAsync();
        }
    }

    [TestCaseSource(nameof(Servers))]
    public async Task Type_WithoutGenerator_StreamEnds(string server)
    {
        using var client = new AdsClient<DeltaDiscoveryRequest, DeltaDiscoveryResponse>(
            AddressOf(server), DeltaDiscoveryResponse.Parser, Sidecar);
        await client.SendAsync(Delta(XdsServices.Rtds, "", "layer"));
        Assert.That((await client.ExpectFailureAsync()).Code, Is.EqualTo(GrpcStatusCode.Unauthenticated));
    }

    [TestCaseSource(nameof(Servers))]
    public async Task Node_NotOfIstio_SameStatus(string server)
    {
        foreach (var node in new[] { null, "envoy-1", "client~10.0.0.1~a~b", "sidecar~~a~b" })
        {
            using var client = new AdsClient<DeltaDiscoveryRequest, DeltaDiscoveryResponse>(
                AddressOf(server), DeltaDiscoveryResponse.Parser, node);
            await client.SendAsync(Delta(XdsServices.Cds));
            Assert.That((await client.ExpectFailureAsync()).Code, Is.EqualTo(GrpcStatusCode.InvalidArgument), node);
        }
    }

    private string AddressOf(string server) => server is Own ? Istiod.Address : server;

    private static string Assignments(DiscoveryResponse response) => string.Join(' ', response.Resources
        .Select(static any => any.Unpack<Envoy.Config.Endpoint.V3.ClusterLoadAssignment>().ClusterName)
        .Order(StringComparer.Ordinal));
}
