using System.Net;
using System.Text.Json;
using SelfHeal.Sidecar.Admin;
using SelfHeal.Sidecar.Commands;
using SelfHeal.Sidecar.Composition;

namespace SelfHeal.FunctionalTests.Sidecar;

[CancelAfter(60_000)]
internal sealed class AdminApiTests
{
    private TestHost _host = null!; // Set once before the tests.
    private HttpClient _http = null!; // Set once before the tests.

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _host = await TestHost.StartAsync(TestHost.OptionsOnLoopback(), _ => { });
        _http = _host.CreateAdminClient();
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _http.Dispose();
        await _host.DisposeAsync();
    }

    [TestCase("/healthz", "ok\n", "text/plain")]
    [TestCase("/readyz", """{"ready":true,"reasons":[],"judgement":"attended"}""", "application/json")]
    [TestCase(
        "/api/incidents",
        """[{"incident_id":"ing-2026-0412-0317","service":"payments","phase":"rolling_back"""
            + "\",\"detected_at\":\"2026-04-12T03:17:42+00:00\",\"outcome\":null}]",
        "application/json")]
    [TestCase("/api/incidents/ing-2026-0412-0317", TestBoards.Record, "application/json")]
    [TestCase("/api/incidents/ing-2026-0412-0317/full", "[1,2]", "application/json")]
    [TestCase(
        "/api/incidents/ing-2026-0412-0317/timeline",
        """[{"at":"2026-04-12T03:17:42+00:00","event":"detected","text":"5xx rose."}]""",
        "application/json")]
    [TestCase("/api/incidents/ing-2026-0412-0317/narrative", "At 03:17 errors rose.", "text/plain")]
    [TestCase(
        "/api/proxies",
        """[{"node":"edge-1","connected":true,"types":[{"type":"t.x/x","version":"abc","state":"acked"}]}]""",
        "application/json")]
    [TestCase(
        "/api/routes",
        """[{"service":"payments","route_configuration":"main","virtual_host":"all","route":"#0"""
            + "\",\"weights\":{\"v1\":90,\"v2\":10}}]",
        "application/json")]
    public async Task Get_KnownPath_Answers(
        string path, string body, string mediaType, CancellationToken cancellationToken)
    {
        using var response = await _http.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo(mediaType));
            Assert.That(await response.Content.ReadAsStringAsync(cancellationToken), Is.EqualTo(body));
        }
    }

    [TestCase("GET", "/nothing", 404, "No such path: /nothing")]
    [TestCase("GET", "/api/incidents/none", 404, "No incident 'none'")]
    [TestCase("GET", "/api/incidents/none/full", 404, "No incident 'none'")]
    [TestCase("GET", "/api/incidents/none/narrative", 404, "No incident 'none'")]
    [TestCase("POST", "/api/incidents", 405, "POST is not allowed on /api/incidents")]
    public async Task Send_NotUnderstood_IsAProblem(
        string method, string path, int status, string title, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await _http.SendAsync(request, cancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var problem = await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken);

        using (Assert.EnterMultipleScope())
        {
            Assert.That((int)response.StatusCode, Is.EqualTo(status));
            Assert.That(response.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/problem+json"));
            Assert.That(problem.RootElement.GetProperty("title").GetString(), Is.EqualTo(title));
            Assert.That(problem.RootElement.GetProperty("status").GetInt32(), Is.EqualTo(status));
            Assert.That(problem.RootElement.GetProperty("detail").GetString(), Is.Not.Empty);
        }
    }

    [Test]
    public async Task Get_HandlerThrows_IsAProblemAndOthersGoOn(CancellationToken cancellationToken)
    {
        _host.Boards.IsBroken = true;
        using var broken = await _http.GetAsync(new Uri("/api/proxies", UriKind.Relative), cancellationToken);
        using var other = await _http.GetAsync(new Uri("/api/routes", UriKind.Relative), cancellationToken);
        _host.Boards.IsBroken = false;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(broken.StatusCode, Is.EqualTo(HttpStatusCode.InternalServerError));
            Assert.That(broken.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/problem+json"));
            Assert.That(other.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        }
    }

    [Test]
    public async Task Readyz_NotReady_Is503WithReasons(CancellationToken cancellationToken)
    {
        _host.Boards.Readiness = new Readiness(false, ["No snapshot yet."], JudgementState.Unattended);
        using var response = await _http.GetAsync(new Uri("/readyz", UriKind.Relative), cancellationToken);
        _host.Boards.Readiness = new Readiness(true, [], JudgementState.Attended);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
            Assert.That(
                await response.Content.ReadAsStringAsync(cancellationToken),
                Is.EqualTo("""{"ready":false,"reasons":["No snapshot yet."],"judgement":"unattended"}"""));
        }
    }

    [Test]
    public async Task Metrics_AreText(CancellationToken cancellationToken)
    {
        using var response = await _http.GetAsync(new Uri("/metrics", UriKind.Relative), cancellationToken);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                response.Content.Headers.ContentType?.ToString(),
                Is.EqualTo("text/plain; version=0.0.4; charset=utf-8"));
            Assert.That(
                await response.Content.ReadAsStringAsync(cancellationToken),
                Does.Contain("selfheal_build_info{version="));
        }
    }

    [TestCase("incidents", "INCIDENT            DETECTED              SERVICE   PHASE         OUTCOME")]
    [TestCase("incidents --json", "[{\"incident_id\":\"ing-2026-0412-0317\"")]
    [TestCase("explain ing-2026-0412-0317", "At 03:17 errors rose.")]
    [TestCase("explain ing-2026-0412-0317 --json", TestBoards.Record)]
    public async Task Command_AsksTheProcess(string arguments, string expected, CancellationToken cancellationToken)
    {
        var (code, output, _) = await RunAsync(
            $"{arguments} --admin http://{_host.Host.AdminAddress}", cancellationToken);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(code, Is.EqualTo(ExitCode.Ok));
            Assert.That(output, Does.Contain(expected));
        }
    }

    [Test]
    public async Task Explain_UnknownIncident_Fails(CancellationToken cancellationToken)
    {
        var (code, _, error) = await RunAsync(
            $"explain ../x --admin http://{_host.Host.AdminAddress}", cancellationToken);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(code, Is.EqualTo(ExitCode.Failed));
            Assert.That(error, Does.Contain("No incident"));
        }
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(
        string arguments, CancellationToken cancellationToken)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var environment = new CommandEnvironment(output, error, IsTerminal: false, _ => null, TimeProvider.System);
        var commandLine = new SelfHealCommandLine(environment, StandaloneParts.Create());
        var code = await commandLine.RunAsync(arguments.Split(' '), cancellationToken);
        return (code, output.ToString(), error.ToString());
    }
}
