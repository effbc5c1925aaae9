using System.Text;
using System.Text.Json;
using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using SelfHeal.FunctionalTests.Lab;
using SelfHeal.Grpc;
using SelfHeal.Lab.Processes;
using SelfHeal.Xds.Resources;

namespace SelfHeal.FunctionalTests.EndToEnd;

/// <summary>
/// What the real Envoy accepted is served when there is nothing else to serve, and in place of what it rejects.
/// </summary>
[CancelAfter(120_000)]
[Parallelizable(ParallelScope.Self)]
internal sealed class AcceptedTests
{
    private const int Damaged = 2302;
    private const int Quarantined = 2210;
    private const string Key = "a-private-key-that-nobody-may-see";

    /// <summary>
    /// The process is killed and its source is gone. A client that has nothing is answered from disk, Envoy has nothing
    /// to reload, and when the source is back nobody is sent anything.
    /// </summary>
    [Test]
    public async Task Kill_SourceIsGone_EverybodyIsAnsweredFromDisk(CancellationToken cancellationToken)
    {
        await using var gateway = await Gateway.StartAsync(new GatewayOptions(), cancellationToken);
        await KeptAsync(gateway, generation: 1, cancellationToken);
        var before = await RouteProbe.ReadAsync(gateway.Ports.Xds, cancellationToken);
        var reloads = await EnvoyRoutes.StatAsync(gateway.Envoy!, "config_reload", cancellationToken);

        await gateway.Serve.KillAsync(cancellationToken);
        Directory.Move(gateway.Resources, gateway.Resources + ".away");
        gateway.Serve.Start();
        var first = await RouteProbe.ReadAsync(gateway.Ports.Xds, cancellationToken);
        await gateway.Serve.WaitReadyAsync(gateway.Admin.Address, cancellationToken);
        await gateway.Admin.SyncedAsync("gateway-1", cancellationToken);
        var reasons = await ReasonsAsync(gateway, static reasons => reasons.Count == 2, cancellationToken);
        Directory.Move(gateway.Resources + ".away", gateway.Resources);
        await ReasonsAsync(gateway, static reasons => reasons.Count == 0, cancellationToken);
        await gateway.AnswersAsync(50);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(first.Bytes, Is.EqualTo(before.Bytes));
            Assert.That(reasons[0], Does.Contain("served from disk"));
            Assert.That(reasons[1], Does.Contain("cannot be read"));
            Assert.That(
                await EnvoyRoutes.StatAsync(gateway.Envoy!, "config_reload", cancellationToken), Is.EqualTo(reloads));
            gateway.AssertOnlyCanaryFailed();
        }
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Kill_NewestFileIsDamaged_TheGenerationBeforeIsServed(
        bool isFlipped, CancellationToken cancellationToken)
    {
        await using var gateway = await Gateway.StartAsync(new GatewayOptions(), cancellationToken);
        await KeptAsync(gateway, generation: 1, cancellationToken);
        ResourceEdit.Apply(
            Path.Combine(gateway.Resources, "routes.yaml"),
            static text => text.Replace("weight: 90", "weight: 80", StringComparison.Ordinal));
        await gateway.WeightsAsync(80, 10, cancellationToken);
        await KeptAsync(gateway, generation: 2, cancellationToken);
        await gateway.Serve.StopAsync(cancellationToken);
        var newest = Files(gateway)[^1];
        var bytes = await File.ReadAllBytesAsync(newest, cancellationToken);
        bytes[bytes.Length / 2] ^= 0x20;
        await File.WriteAllBytesAsync(newest, isFlipped ? bytes : bytes[..^40], cancellationToken);
        Directory.Move(gateway.Resources, gateway.Resources + ".away");

        gateway.Serve.Start();
        var first = await RouteProbe.ReadAsync(gateway.Ports.Xds, cancellationToken);

        Assert.That(first.Weights[Gateway.Stable], Is.EqualTo(90));
        Assert.That(gateway.Serve.Logged(Damaged).Single().Text, Does.Contain(newest));
        Directory.Move(gateway.Resources + ".away", gateway.Resources);
    }

    /// <summary>
    /// Our validator does not know regular expressions as Envoy does. Envoy rejects the route, everybody is served the
    /// accepted one, and an Envoy that starts in the middle of it is healthy.
    /// </summary>
    [Test]
    public async Task BadRollout_EnvoyRejects_IsContainedAndAFreshClientNeverSeesIt(CancellationToken cancellationToken)
    {
        await using var gateway = await Gateway.StartAsync(new GatewayOptions(), cancellationToken);
        await KeptAsync(gateway, generation: 1, cancellationToken);
        var before = await RouteProbe.ReadAsync(gateway.Ports.Xds, cancellationToken);

        ResourceEdit.Apply(
            Path.Combine(gateway.Resources, "routes.yaml"),
            static text => text.Replace("prefix: \"/\"", "safe_regex: { regex: \"(\" }", StringComparison.Ordinal));
        await Eventually.HoldsAsync(
            () => Task.FromResult(
                Files(gateway, "quarantine").Count > 0 && gateway.Serve.Logged(Quarantined).Count > 0),
            "the culprit is in quarantine",
            Gateway.Patience);
        var reasons = await ReasonsAsync(gateway, static reasons => reasons.Count > 0, cancellationToken);
        var fresh = await RouteProbe.ReadAsync(gateway.Ports.Xds, cancellationToken);
        await gateway.Serve.KillAsync(cancellationToken);
        gateway.Serve.Start();
        var afterwards = await RouteProbe.ReadAsync(gateway.Ports.Xds, cancellationToken);
        await gateway.Serve.WaitReadyAsync(gateway.Admin.Address, cancellationToken);
        await gateway.Admin.SyncedAsync("gateway-1", cancellationToken);
        await gateway.AnswersAsync(50);
        using var groups = JsonDocument.Parse(await gateway.Admin.GetAsync("/api/snapshots", cancellationToken));
        var quarantined = groups.RootElement[0].GetProperty("quarantined");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(fresh.Bytes, Is.EqualTo(before.Bytes));
            Assert.That(afterwards.Bytes, Is.EqualTo(before.Bytes));
            Assert.That(
                gateway.Serve.Logged(Quarantined)[0].Text,
                Does.Contain($"RouteConfiguration '{Gateway.Routes}'").And.Contain("gateway-1").And.Contain("missing"));
            Assert.That(reasons.Single(), Does.Contain(Gateway.Routes).And.Contain("a proxy rejected it"));
            Assert.That(quarantined.GetArrayLength(), Is.EqualTo(1));
            Assert.That(quarantined[0].GetProperty("name").GetString(), Is.EqualTo(Gateway.Routes));
            gateway.AssertOnlyCanaryFailed();
        }
    }

    /// <summary>
    /// What every proxy has, under traffic and for long enough, is the last-known-good; it outlives the process and a
    /// later change, and that change becomes one only when it has proved itself too.
    /// </summary>
    [Test]
    public async Task Served_SoakedUnderTraffic_IsVerifiedAndOutlivesAKill(CancellationToken cancellationToken)
    {
        await using var gateway = await Gateway.StartAsync(new GatewayOptions(), cancellationToken);
        await gateway.Serve.StopAsync(cancellationToken);
        ResourceEdit.Apply(gateway.Serve.ConfigFile, static text => text.Replace(
            "xds:\n", "xds:\n  verified: {soak_min: 10s}\n", StringComparison.Ordinal));
        gateway.Serve.Start();
        await gateway.Serve.WaitReadyAsync(gateway.Admin.Address, cancellationToken);

        var verified = await GroupAsync(
            gateway, static group => group.GetProperty("phase").ValueEquals("verified"), cancellationToken);
        await Eventually.HoldsAsync(
            () => Task.FromResult(Files(gateway, "verified").Count > 0), "it is written down", Gateway.Patience);
        await gateway.Serve.KillAsync(cancellationToken);
        ResourceEdit.Apply(
            Path.Combine(gateway.Resources, "routes.yaml"),
            static text => text.Replace("weight: 90", "weight: 80", StringComparison.Ordinal));
        gateway.Serve.Start();
        await gateway.Serve.WaitReadyAsync(gateway.Admin.Address, cancellationToken);
        await gateway.WeightsAsync(80, 10, cancellationToken);
        var later = await GroupAsync(
            gateway, static group => group.GetProperty("phase").ValueEquals("soaking"), cancellationToken);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(verified.Verified, Is.EqualTo(verified.Served).And.Not.Empty);
            Assert.That(later.Verified, Is.EqualTo(verified.Verified));
            Assert.That(later.Served, Is.Not.EqualTo(verified.Served));
        }
    }

    [Test]
    public async Task Accepted_Secret_IsInNoFileOfTheState(CancellationToken cancellationToken)
    {
        var options = new GatewayOptions
        {
            Model = true,
            Prepare = static directory => File.WriteAllText(
                Path.Combine(directory, SampleConfigs.Resources, "secrets.yaml"),
                $$"""
                resources:
                - "@type": {{TypeUrl.Secret}}
                  name: tls
                  tls_certificate: { private_key: { inline_string: {{Key}} } }

                """),
        };
        await using var gateway = await Gateway.StartAsync(options, cancellationToken);
        using var channel = new GrpcChannel(TimeProvider.System, $"http://127.0.0.1:{gateway.Ports.Xds}");
        using var call = channel.Duplex<DiscoveryRequest, DiscoveryResponse>(
            XdsMethods.StateOfTheWorld, DiscoveryResponse.Parser, options: null, cancellationToken);
        var request = new DiscoveryRequest
        {
            Node = new Node { Id = "probe" },
            TypeUrl = TypeUrl.Secret,
            ResourceNames = { "tls" },
        };
        await call.RequestStream.WriteAsync(request, cancellationToken);
        Assert.That(await call.ResponseStream.MoveNextAsync(cancellationToken), Is.True);
        var response = call.ResponseStream.Current;
        Assert.That(response.Resources.Single().Value.ToStringUtf8(), Does.Contain(Key), "it was served");
        request.Node = null;
        request.ResponseNonce = response.Nonce;
        request.VersionInfo = response.VersionInfo;
        await call.RequestStream.WriteAsync(request, cancellationToken);

        // The name tells that the secret has been accepted and written down, as far as it may be.
        await Eventually.HoldsAsync(
            () => Task.FromResult(
                Files(gateway).Exists(file => Text(file).Contains(TypeUrl.Secret, StringComparison.Ordinal))),
            "the secret's name is on disk",
            Gateway.Patience);
        await gateway.Serve.StopAsync(cancellationToken);

        var files = Directory.GetFiles(Path.Combine(gateway.Directory, "state"), "*", SearchOption.AllDirectories);
        Assert.That(files, Has.Length.GreaterThan(1));
        Assert.That(files.Where(file => Text(file).Contains(Key, StringComparison.Ordinal)), Is.Empty);
        Assert.That(gateway.Serve.ReadLog(), Does.Not.Contain(Key));
    }

    private static string Text(string file) => Encoding.Latin1.GetString(File.ReadAllBytes(file));

    private static List<string> Files(Gateway gateway, string kind = "accepted")
    {
        var folder = Path.Combine(gateway.Directory, "state", "accepted");
        return Directory.Exists(folder)
            ? [.. Directory.GetFiles(folder, $"*.{kind}").Order(StringComparer.Ordinal)]
            : [];
    }

    /// <summary>Waits until all that is served has been accepted and written down.</summary>
    private static Task KeptAsync(Gateway gateway, int generation, CancellationToken cancellationToken) =>
        Eventually.HoldsAsync(
            async () =>
            {
                using var groups = JsonDocument.Parse(
                    await gateway.Admin.GetAsync("/api/snapshots", cancellationToken));
                var group = groups.RootElement[0];
                return group.GetProperty("served").GetString() == group.GetProperty("accepted").GetString()
                    && group.GetProperty("generations").GetInt32() >= generation;
            },
            "what is served is kept",
            Gateway.Patience);

    private static async Task<(string Served, string Verified)> GroupAsync(
        Gateway gateway, Func<JsonElement, bool> until, CancellationToken cancellationToken)
    {
        var found = ("", "");
        await Eventually.HoldsAsync(
            async () =>
            {
                using var groups = JsonDocument.Parse(
                    await gateway.Admin.GetAsync("/api/snapshots", cancellationToken));
                var group = groups.RootElement[0];
                found = (
                    group.GetProperty("served").GetString() ?? "", group.GetProperty("verified").GetString() ?? "");
                return until(group);
            },
            "the group has come so far",
            TimeSpan.FromSeconds(60));
        return found;
    }

    private static async Task<IReadOnlyList<string>> ReasonsAsync(
        Gateway gateway, Func<IReadOnlyList<string>, bool> until, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> reasons = [];
        await Eventually.HoldsAsync(
            async () =>
            {
                using var ready = JsonDocument.Parse(await gateway.Admin.GetAsync("/readyz", cancellationToken));
                Assert.That(ready.RootElement.GetProperty("ready").GetBoolean(), Is.True);
                reasons =
                [
                    .. ready.RootElement.GetProperty("reasons").EnumerateArray()
                        .Select(static reason => reason.GetString() ?? ""),
                ];
                return until(reasons);
            },
            "readyz says so",
            Gateway.Patience);
        return reasons;
    }
}
