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
    [TestCase(
        "/api/overlays",
        """[{"id":"o1","carrier":"eds","resource":"payments","change":"endpoint weights: 10.0.0.1:80=1","""
            + "\"owner\":\"operator\",\"reason\":\"drain\",\"incident_id\":\"case-7\","
            + "\"expires_at\":\"2026-04-12T03:17:42+00:00\",\"state\":\"refused\","
            + "\"problem\":\"there is no endpoint \\u002710.0.0.1:80\\u0027\"}]",
        "application/json")]
    [TestCase(
        "/api/loads?cluster=v2",
        """{"loads":[{"node":"edge-1","cluster":"v2","region":"r","zone":"z","sub_zone":"","priority":0,"""
            + "\"endpoint\":\"10.0.0.1:80\",\"in_progress\":3,\"requests_per_second\":2.5,\"error_share\":null,"
            + "\"age_seconds\":1}],\"left_out\":7}",
        "application/json")]
    [TestCase(
        "/api/loads/traffic?cluster=v1",
        """{"cluster":"v1","reporting":2,"missing":1,"oldest_age_seconds":0.5,"dropped":4,"""
            + "\"dropped_by_category\":{\"lb\":4},\"localities\":[{\"region\":\"r\",\"zone\":\"z\",\"sub_zone\":\"\","
            + "\"priority\":0,\"in_progress\":3,\"issued\":100,\"share\":0.25,\"error_share\":0.01}]}",
        "application/json")]
    [TestCase(
        "/api/loads/drain?cluster=v1&endpoint=[::1]:80",
        """{"cluster":"v1","endpoint":"[::1]:80","verdict":"no_evidence","gaps":["proxy_unknown"],"in_progress":3,"""
            + "\"proxies\":[{\"node\":\"edge-1\",\"state\":\"without_cluster\",\"in_progress\":0,\"issued\":0,"
            + "\"age_seconds\":null}]}",
        "application/json")]
    [TestCase(
        "/api/access_logs?intervals=3",
        """{"interval_seconds":5,"intervals":3,"rows":[{"cluster":"v1","upstream":"10.0.0.1:80","route":"main","""
            + "\"requests\":9,\"codes\":{\"5xx\":9},\"flags\":{\"UF\":9}}]}",
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
    [TestCase("GET", "/api/loads/traffic", 400, "/api/loads/traffic without cluster")]
    [TestCase("GET", "/api/loads/drain?endpoint=a", 400, "/api/loads/drain without cluster")]
    [TestCase("GET", "/api/loads/drain?cluster=a", 400, "/api/loads/drain without endpoint")]
    [TestCase("GET", "/api/access_logs?intervals=0", 400, "intervals: '0'")]
    [TestCase("GET", "/api/access_logs?intervals=1001", 400, "intervals: '1001'")]
    [TestCase("GET", "/api/access_logs?intervals=-1", 400, "intervals: '-1'")]
    [TestCase("GET", "/api/access_logs?intervals=x", 400, "intervals: 'x'")]
    [TestCase("POST", "/api/loads", 405, "POST is not allowed on /api/loads")]
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
    public async Task Get_ControlLoopDoesNotAnswer_Is503(
        [Values("/api/loads", "/api/loads/traffic?cluster=a", "/api/loads/drain?cluster=a&endpoint=b",
            "/api/access_logs")] string path,
        CancellationToken cancellationToken)
    {
        _host.Boards.IsUnattended = true;
        using var response = await _http.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
        _host.Boards.IsUnattended = false;

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(
            await response.Content.ReadAsStringAsync(cancellationToken),
            Does.Contain("The control loop does not answer"));
    }

    [Test]
    public async Task Get_AccessLogsThatAreNotCounted_IsNotFound(CancellationToken cancellationToken)
    {
        _host.Boards.CountsAccessLogs = false;
        using var response = await _http.GetAsync(new Uri("/api/access_logs", UriKind.Relative), cancellationToken);
        _host.Boards.CountsAccessLogs = true;

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(
            await response.Content.ReadAsStringAsync(cancellationToken), Does.Contain("access_logs.enabled: true"));
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
    [TestCase("overlays", "OVERLAY  CARRIER  RESOURCE  OWNER     INCIDENT  EXPIRES               STATE")]
    [TestCase("overlays", "refused: there is no endpoint '10.0.0.1:80'  endpoint weights: 10.0.0.1:80=1  drain")]
    [TestCase("overlays --json", "[{\"id\":\"o1\",\"carrier\":\"eds\"")]
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
        var commandLine = new SelfHealCommandLine(environment, SidecarParts.Create());
        var code = await commandLine.RunAsync(arguments.Split(' '), cancellationToken);
        return (code, output.ToString(), error.ToString());
    }
}
