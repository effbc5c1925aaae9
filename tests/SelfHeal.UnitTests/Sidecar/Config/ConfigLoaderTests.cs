using SelfHeal.Sidecar.Composition;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Config.Loading;

namespace SelfHeal.UnitTests.Sidecar.Config;

internal sealed class ConfigLoaderTests
{
    private string _directory = "";

    [SetUp]
    public void MakeDirectory()
    {
        _directory = Directory.CreateTempSubdirectory("selfheal-config-").FullName;
        Directory.CreateDirectory(Path.Combine(_directory, "resources"));
        File.WriteAllText(Path.Combine(_directory, "file.txt"), "");
    }

    [TearDown]
    public void RemoveDirectory() => Directory.Delete(_directory, recursive: true);

    [Test]
    public void Parse_OnlyRequiredKeys_GivesDefaults()
    {
        var options = Valid("xds: {resources: resources}").Options;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(options.Xds.Resources, Is.EqualTo(Path.Combine(_directory, "resources")));
            Assert.That(options.Xds.Listen.ToString(), Is.EqualTo("127.0.0.1:18000"));
            Assert.That(options.Admin.Listen.ToString(), Is.EqualTo("127.0.0.1:18001"));
            Assert.That(options.Detection.FlushInterval, Is.EqualTo(TimeSpan.FromSeconds(5)));
            Assert.That(options.Policy.DefaultRing, Is.Zero);
            Assert.That(options.Policy.Contract.Criteria.MaxServerErrorsPerSecond, Is.Null);
        }
    }

    [Test]
    public void Parse_Groups_AreReadInTheirOrder()
    {
        var options = Valid("""
            xds:
              resources: resources
              groups:
                - name: edge
                  match: {id: "edge-*", zone: a, metadata: {labels.tier: edge, canary: true}}
                  resources: resources
                - name: own
                  match: {cluster: mesh}
                  resources: nodes/{id}
              verified: {soak_min: 15m, requests_min: 5}
            """).Options;

        var groups = XdsGroups.Of(options.Xds);
        var edge = groups.Groups[0];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(groups.Groups.Select(static g => g.Name), Is.EqualTo(new[] { "edge", "own" }));
            Assert.That(edge.Match.Id?.ToString(), Is.EqualTo("edge-*"));
            Assert.That(edge.Match.Zone, Is.EqualTo("a"));
            Assert.That(edge.Match.Metadata["labels.tier"], Is.EqualTo("edge"));
            Assert.That(edge.Match.Metadata["canary"], Is.EqualTo("true"));
            Assert.That(groups.Groups[1].Resources, Is.EqualTo(Path.Combine(_directory, "nodes", "{id}")));
            Assert.That(XdsGroups.Of(options.Xds.Verified).Soak, Is.EqualTo(TimeSpan.FromMinutes(15)));
        }
    }

    [Test]
    public void Parse_EveryKindOfValue_IsRead()
    {
        var options = Valid("""
            mode: standalone
            xds: {listen: "[::1]:19000", resources: ./resources, max_streams: 7, ack_timeout: 30s250ms}
            admin:
              listen: unix:run/admin.sock
            state: {directory: /var/lib/selfheal}
            policy:
              version: 12
              approved_by: [alice, "bob"]
              freeze: true
              services:
                checkout: {ring: 1}
                search:
              contract: {p_bad: 0.05, shape: 2, correlation_time: 30s, criteria: {max_5xx_per_second: 1}}
            logging: {format: json, level: warning}
            """).Options;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(options.Xds.Listen.ToString(), Is.EqualTo("[::1]:19000"));
            Assert.That(options.Xds.AckTimeout, Is.EqualTo(TimeSpan.FromMilliseconds(30_250)));
            Assert.That(
                options.Admin.Listen, Is.EqualTo(new ListenAddress.Unix(Path.Combine(_directory, "run/admin.sock"))));
            Assert.That(options.State.Directory, Is.EqualTo("/var/lib/selfheal"));
            Assert.That(options.Policy.Version, Is.EqualTo("12"));
            Assert.That(options.Policy.ApprovedBy, Is.EqualTo(["alice", "bob"]));
            Assert.That(options.Policy.Freeze, Is.True);
            Assert.That(options.Policy.Services["checkout"].Ring, Is.EqualTo(1));
            Assert.That(options.Policy.Services["search"].Ring, Is.Null);
            Assert.That(options.Policy.Contract.PBad, Is.EqualTo(0.05m));
            Assert.That(options.Policy.Contract.Shape, Is.EqualTo(2m));
            Assert.That(options.Policy.Contract.CorrelationTime, Is.EqualTo(TimeSpan.FromSeconds(30)));
            Assert.That(options.Policy.Contract.Criteria.MaxServerErrorsPerSecond, Is.EqualTo(1m));
            Assert.That(options.Logging.Format, Is.EqualTo(LogFormat.Json));
        }
    }

    [Test]
    public void Parse_ManyMistakes_ReportsAllOfThemWithPlaces()
    {
        var errors = Errors("""
            mode: delegat
            xds:
              listen: localhost:18000
              resource: resources
              max_streams: 0
              ack_timeout: 5
            detection:
              flush_interval: 1h
              baseline_shape: 1
              baseline_shape: 2
            policy:
              approved_by: alice
              freeze: maybe
              services:
                checkout:
                  ring: 4
                  rimg: 1
                search: [1]
              contract: {window: 30m, deadline: 20m}
            logging: [json]
            extra: 1
            """);

        GoldenFile.Check(
            "tests/SelfHeal.UnitTests/Sidecar/Config/ManyMistakes.txt", string.Join('\n', errors) + "\n");
    }

    [TestCase("xds: {resources: resources, max_stream: 5}", "1:29", "did you mean 'max_streams'?")]
    [TestCase("xds: {resources: resources, maxStreams: 5}", "1:29", "did you mean 'max_streams'?")]
    [TestCase("xds: {resources: resources, zzz: 5}", "1:29", "known here: listen, rest_listen, resources")]
    [TestCase("xds: {resources: resources, max_streams: }", "1:42", "leave the key out for the default, 2000")]
    [TestCase("xds: {resources: resources, max_streams: 2.5}", "1:42", "expected a whole number, found '2.5'")]
    [TestCase("xds: {resources: }", "1:18", "has no value")]
    [TestCase("xds: {resources: ''}", "1:18", "expected a path")]
    [TestCase("xds: {resources: file.txt}", "1:18", "is a file; expected a directory")]
    [TestCase(
        "xds: {resources: resources, groups: [{name: a b, match: {id: x}, resources: resources}]}", "1:45",
        "letters, digits, hyphens")]
    [TestCase(
        "xds: {resources: resources, groups: [{name: default, match: {id: x}, resources: resources}]}", "1:45",
        "already the name of another group")]
    [TestCase(
        "xds: {resources: resources, groups: [{name: a, match: {}, resources: resources}]}", "1:55", "says nothing")]
    [TestCase(
        "xds: {resources: resources, groups: [{name: a, match: {id: x}, resources: 'n/{node}'}]}", "1:75",
        "knows {id} and {cluster} only")]
    [TestCase(
        "xds: {resources: resources, groups: [{name: a, mtch: {id: x}, resources: n}]}", "1:48", "unknown key")]
    [TestCase("xds: {resources: resources, groups: {name: a}}", "1:37", "expected a list of sections")]
    [TestCase(
        "xds: {resources: resources, groups: [{name: a, match: {metadata: {k: [1]}}, resources: resources}]}", "1:70",
        "expected text, found a list")]
    [TestCase("", "1:1", "xds.resources: is required")]
    [TestCase("# nothing\n", "1:1", "xds.resources: is required")]
    [TestCase("[1, 2]", "1:1", "expected a section with keys, found a list")]
    [TestCase("a: [1\nb: 2", "1:", "not YAML")]
    [TestCase("a: {b: 1", "2:1", "not YAML")]
    [TestCase("a: 'x", "1:", "not YAML")]
    [TestCase("a:\n\tb: 1", "2:1", "not YAML")]
    [TestCase("xds: {resources: resources}\n---\nb: 1\n", "2:1", "only one document")]
    [TestCase("a: *nobody", "1:4", "no anchor named 'nobody'")]
    [TestCase("? {a: b}\n: c", "1:3", "a key must be a single word")]
    [TestCase("xds: {resources: resources}\nmode: observe", "2:7", "observe is not available yet; use standalone")]
    [TestCase(
        "xds: {resources: resources}\nadmin: {listen: 127.0.0.1:18000}", "2:17", "needs an address of its own")]
    [TestCase(
        "xds: {resources: resources, tls: {certificate: a.pem}}", "1:34", "xds.tls.key: is required")]
    [TestCase(
        "xds: {resources: resources, tls: {certificate: a.pem, key: k.pem}}", "1:60", "no file")]
    [TestCase(
        "xds: {resources: resources}\npolicy: {contract: {window: 25m}}",
        "2:29",
        "must not be more than policy.contract.deadline (20m)")]
    [TestCase("xds: {resources: resources}\npolicy: {bars: {ring2: 0.95}}", "2:17", "unknown key")]
    [TestCase("xds: {resources: resources, admission_timeout: 5s}", "1:29", "unknown key")]
    public void Parse_OneMistake_NamesPlaceAndExpectation(string text, string place, string message)
    {
        var errors = Errors(text);

        Assert.That(errors, Has.Some.StartsWith($"selfheal.yaml:{place}").And.Contains(message));
    }

    [TestCase("mode: delegate", "1:1", "upstream.addresses: is required in delegate mode")]
    [TestCase("mode: delegate\nupstream: {addresses: [istiod]}", "2:23", "'istiod' is no address")]
    [TestCase("mode: delegate\nupstream: {addresses: ['http://i:1/x']}", "2:23", "'http://i:1/x' is no address")]
    [TestCase(
        "mode: delegate\nxds: {resources: resources}\nupstream: {addresses: ['http://i:1']}", "2:18",
        "is the upstream's to say in delegate mode")]
    [TestCase(
        "mode: delegate\nxds: {rest_listen: 127.0.0.1:1}\nupstream: {addresses: ['http://i:1']}", "2:20",
        "only the aggregated gRPC service is")]
    [TestCase(
        "mode: delegate\nxds: {descriptor_sets: [a]}\nupstream: {addresses: ['http://i:1']}", "2:24",
        "which delegate mode has none of")]
    [TestCase(
        "mode: delegate\nupstream: {addresses: ['http://i:1'], metrics: {address: istiod}}", "2:58",
        "expected http://host:port/metrics")]
    [TestCase(
        "xds: {resources: resources}\nupstream: {addresses: ['http://i:1']}", "2:23", "is for delegate mode")]
    public void Parse_DelegateMode_NamesWhatIsMissingAndWhatIsTheUpstreams(
        string yaml, string place, string message) => Parse_OneMistake_NamesPlaceAndExpectation(yaml, place, message);

    [Test]
    public void Parse_BrokenValue_DoesNotBlameOtherKeysForItsDefault()
    {
        var errors = Errors("xds: {resources: resources}\npolicy: {contract: {window: soon, deadline: 5m}}");

        Assert.That(errors, Has.Count.EqualTo(1));
    }

    [TestCase("authorisation: {a: {sans: ['{x']}}", "xds.authorisation.a.sans", "brace without a word")]
    [TestCase("authorisation: {a: {sans: ['x']}}", "xds.authorisation.a.sans", "needs xds.tls.client_ca")]
    [TestCase("authorisation: {a: {secrets: ['']}}", "xds.authorisation.a.secrets", "is empty")]
    [TestCase("authorisation: {a: {node: ['x']}}", "xds.authorisation.a.node", "did you mean 'nodes'?")]
    [TestCase("socket_mode: '0999'", "xds.socket_mode", "four octal digits")]
    [TestCase("socket_group: no-such-group-here", "xds.socket_group", "no group 'no-such-group-here'")]
    [TestCase("rest_listen: 127.0.0.1:18000", "xds.rest_listen", "so is xds.listen")]
    [TestCase("rest_listen: 127.0.0.1:18001", "xds.rest_listen", "so is admin.listen")]
    [TestCase("max_connection_age: 10ms", "xds.max_connection_age", "1s to 168h")]
    public void Parse_AccessThatCannotBe_SaysWhereAndWhatIsExpected(string xds, string field, string text)
    {
        var errors = Errors($"xds:\n  resources: resources\n  {xds}");

        Assert.That(errors, Has.Some.Contains(field).And.Some.Contains(text));
    }

    [Test]
    public void Parse_DeepNesting_IsAnErrorAndNotAStackOverflow()
    {
        var errors = Errors("a: " + new string('[', 20_000));

        Assert.That(errors, Has.Some.Contains("nested deeper than 32 levels"));
    }

    [Test]
    public void Parse_EveryPrefixOfAFile_NeverThrows()
    {
        const string text = """
            xds: {listen: "[::1]:1", resources: &r resources, tls: }
            policy:
              approved_by: [a, 'b', *r]
              services: {x: {ring: 1}}
              ? version
              : |
                long
            """;
        for (var length = 0; length <= text.Length; length++)
            Assert.That(() => ConfigLoader.Parse("f", text[..length], _directory), Throws.Nothing, text[..length]);
    }

    [Test]
    public void Parse_RandomYamlCharacters_NeverThrows()
    {
        const string alphabet = "ab:-?[]{},&*#|>'\"%@`\n\t 1~!<";
        var random = new Random(20260);
        for (var round = 0; round < 20_000; round++)
        {
            var text = new string(random.GetItems(alphabet.AsSpan(), random.Next(1, 14)));
            Assert.That(() => ConfigLoader.Parse("f", text, _directory), Throws.Nothing, text);
        }
    }

    [TestCase("xds: {resources: nowhere}", "no directory")]
    [TestCase("xds: {resources: resources, listen: '0.0.0.0:18000'}", "without TLS")]
    [TestCase("xds: {resources: resources}\nadmin: {listen: '[::]:18001'}", "neither TLS nor authentication")]
    public void Parse_WhatIsAllowedAndRisky_Warns(string text, string message)
    {
        Assert.That(Valid(text).Warnings, Has.One.Matches<ConfigFinding>(warning =>
            warning.Message.Contains(message, StringComparison.Ordinal)));
    }

    [Test]
    public void Load_MissingFile_SaysSo()
    {
        var path = Path.Combine(_directory, "none.yaml");

        Assert.That(
            ConfigLoader.Load(path),
            Is.TypeOf<ConfigResult.Invalid>()
                .With.Property("Errors").One.Matches<ConfigFinding>(error =>
                    string.Equals(error.ToString(), $"{path}: no such file", StringComparison.Ordinal)));
    }

    [Test]
    public void Load_Directory_SaysSo()
    {
        var result = ConfigLoader.Load(_directory) as ConfigResult.Invalid;

        Assert.That(result?.Errors.Single().Message, Is.EqualTo("is a directory; expected a file"));
    }

    private ConfigResult.Valid Valid(string text)
    {
        var result = ConfigLoader.Parse("selfheal.yaml", text, _directory);
        if (result is ConfigResult.Invalid invalid)
            Assert.Fail(string.Join('\n', invalid.Errors));
        return (ConfigResult.Valid)result;
    }

    private List<string> Errors(string text)
    {
        var result = ConfigLoader.Parse("selfheal.yaml", text, _directory);
        Assert.That(result, Is.TypeOf<ConfigResult.Invalid>());
        return [.. ((ConfigResult.Invalid)result).Errors.Select(error => error.ToString())];
    }
}
