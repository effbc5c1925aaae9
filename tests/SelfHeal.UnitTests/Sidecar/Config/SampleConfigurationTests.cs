using System.Text;
using System.Text.RegularExpressions;
using SelfHeal.Core.Series;
using SelfHeal.Sidecar.Config.Loading;

namespace SelfHeal.UnitTests.Sidecar.Config;

/// <summary>What users start from is accepted, and does what its comments say.</summary>
internal sealed partial class SampleConfigurationTests
{
    private static readonly string Samples = Path.Combine(TestContext.CurrentContext.TestDirectory, "Samples");

    private static readonly string[] Read =
    [
        "cluster.outbound|80|v2|pay.shop.svc.cluster.local;.upstream_rq_total",
        "cluster.outbound|80|v2|pay.shop.svc.cluster.local;.upstream_rq_5xx",
        "cluster.outbound|80|v2|pay.shop.svc.cluster.local;.upstream_rq_403",
        "cluster.outbound|80|v2|pay.shop.svc.cluster.local;.upstream_rq_retry_overflow",
        "cluster.outbound|80|v2|pay.shop.svc.cluster.local;.retry.upstream_rq_5xx",
        "cluster.outbound|80|v2|pay.shop.svc.cluster.local;.upstream_cx_pool_overflow",
        "cluster.outbound|80|v2|pay.shop.svc.cluster.local;.ssl.fail_verify_san",
        "cluster.outbound|80|v2|pay.shop.svc.cluster.local;.circuit_breakers.high.rq_retry_open",
        "cluster.outbound|80|v2|pay.shop.svc.cluster.local;.outlier_detection.ejections_active",
        "cluster.outbound|80|v2|pay.shop.svc.cluster.local;.grpc.acme.Pay.Take.failure",
        "cluster.inbound|8080||;.upstream_rq_completed",
        "cluster.inbound|8080||;.membership_healthy",
        "http.inbound_0.0.0.0_8080;.downstream_rq_5xx",
        "http.outbound_0.0.0.0_80;.rds.80.update_rejected",
        "http.outbound_0.0.0.0_80;.no_route",
        "listener.0.0.0.0_15006.downstream_cx_overload_reject",
        "overload.envoy.overload_actions.stop_accepting_requests.active",
        "control_plane.connected_state",
    ];

    private static readonly string[] Unread =
    [
        "cluster.outbound|80|v2|pay.shop.svc.cluster.local;.upstream_cx_rx_bytes_total",
        "cluster.outbound|80|v2|pay.shop.svc.cluster.local;.update_attempt",
        "cluster.outbound|80|v2|pay.shop.svc.cluster.local;.lb_healthy_panic",
        "http.inbound_0.0.0.0_8080;.downstream_cx_active",
        "listener.0.0.0.0_15006.downstream_cx_length_ms",
    ];

    [TestCase("selfheal.yaml", "Standalone")]
    [TestCase("delegate/selfheal-sidecar.yaml", "Delegate")]
    [TestCase("delegate/selfheal-discovery.yaml", "Delegate")]
    [TestCase("delegate/selfheal-gateway.yaml", "Delegate")]
    public void Load_Sample_IsAcceptedWithItsMode(string file, string mode)
    {
        var path = Path.Combine(Samples, file);

        // Certificates are where a pod has them; any file stands for them here.
        var text = CredentialFile().Replace(File.ReadAllText(path), match => $"{match.Groups["key"].Value}{path}");
        var result = ConfigLoader.Parse(path, text, Path.GetDirectoryName(path) ?? "");
        var errors = result is ConfigResult.Invalid invalid ? string.Join('\n', invalid.Errors) : "";

        Assert.That(errors, Is.Empty);
        Assert.That(((ConfigResult.Valid)result).Options.Mode.ToString(), Is.EqualTo(mode));
        Assert.That(((ConfigResult.Valid)result).Options.Policy.DefaultRing, Is.Zero);
    }

    [Test]
    public void StatsMatcher_OfThePod_LetsThroughWhatIsReadAndNoMore()
    {
        var text = File.ReadAllText(Path.Combine(Samples, "delegate", "istio-pod.yaml"));
        var patterns = Quoted().Matches(text).Select(static match => match.Groups["pattern"].Value).ToList();

        Assert.That(patterns, Has.Count.EqualTo(6));
        using (Assert.EnterMultipleScope())
        {
            foreach (var name in Read)
                Assert.That((IsRead(name), IsLetThrough(name)), Is.EqualTo((true, true)), name);
            foreach (var name in Unread)
                Assert.That((IsRead(name), IsLetThrough(name)), Is.EqualTo((false, false)), name);
        }

        // Envoy's matcher takes the whole name, as RE2 does without a way to look around.
        bool IsLetThrough(string name) => patterns.Exists(pattern => Regex.IsMatch(
            name, $"^(?:{pattern})$", RegexOptions.NonBacktracking, TimeSpan.FromSeconds(1)));
    }

    private static bool IsRead(string name) => StatName.TryParse(Encoding.UTF8.GetBytes(name), out _);

    [GeneratedRegex(@"(?<key>(?:certificate|key|ca): )/\S+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex CredentialFile();

    [GeneratedRegex(@"^ +- '(?<pattern>[^']+)'", RegexOptions.CultureInvariant | RegexOptions.Multiline, 1000)]
    private static partial Regex Quoted();
}
