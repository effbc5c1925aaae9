using System.Collections.Immutable;
using SelfHeal.Xds.Groups;
using SelfHeal.Sidecar.Security;

namespace SelfHeal.Sidecar.Config.Loading;

/// <summary>What must hold between several keys, or between a key and the disk.</summary>
/// <param name="file">The file's name for messages.</param>
/// <param name="places">Where each key's value stands.</param>
/// <param name="broken">Keys that have an error already: their options hold a default that the user did not choose.
/// </param>
internal sealed class OptionsRules(
    string file, IReadOnlyDictionary<string, ConfigNode> places, IReadOnlySet<string> broken)
{
    private readonly List<ConfigFinding> _errors = [];
    private readonly List<ConfigFinding> _warnings = [];

    /// <summary>What is not allowed.</summary>
    public IReadOnlyList<ConfigFinding> Errors => _errors;

    /// <summary>What is allowed and yet worth a second look.</summary>
    public IReadOnlyList<ConfigFinding> Warnings => _warnings;

    /// <summary>Checks every rule whose keys could be read.</summary>
    /// <param name="options">Values that are each right by themselves; defaults where the file's were not.</param>
    public void Check(SelfHealOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        CheckMode(options);
        CheckListeners(options);
        CheckFiles(options);
        CheckGroups(options.Xds.Groups);
        CheckAccess(options.Xds);
        CheckPolicy(options.Policy, options.Detection);
    }

    private void CheckMode(SelfHealOptions options)
    {
        switch (options.Mode)
        {
            case OperatingMode.Standalone:
                if (options.Xds.Resources.Length == 0 && !places.ContainsKey("xds.resources"))
                    Fail("xds.resources", "is required");
                if (!options.Upstream.Addresses.IsEmpty)
                    Fail("upstream.addresses", "is for delegate mode; set mode: delegate or leave it out");
                break;
            case OperatingMode.Delegate:
                CheckUpstream(options);
                break;
            case OperatingMode.Observe:
                Fail("mode", "observe is not available yet; use standalone or delegate");
                break;
        }
    }

    private void CheckUpstream(SelfHealOptions options)
    {
        const string own = "is the upstream's to say in delegate mode; leave it out";
        if (options.Xds.Resources.Length > 0)
            Fail("xds.resources", own);
        if (!options.Xds.Groups.IsEmpty)
            Fail("xds.groups", own);
        if (options.Xds.RestListen is not null)
            Fail("xds.rest_listen", "is not relayed in delegate mode: only the aggregated gRPC service is");
        if (!options.Xds.DescriptorSets.IsEmpty)
            Fail("xds.descriptor_sets", "explain resources in files, which delegate mode has none of; leave it out");
        var upstream = options.Upstream;
        if (upstream.Addresses.IsEmpty)
            Fail("upstream.addresses", "is required in delegate mode");
        for (var index = 0; index < upstream.Addresses.Length; index++)
        {
            if (!UpstreamAddress.IsValid(upstream.Addresses[index]))
            {
                Fail($"upstream.addresses[{index}]", $"'{upstream.Addresses[index]}' is no address; expected "
                    + "http://host:port, https://host:port or unix:/path");
            }
        }

        if (upstream.Metrics is { } metrics && !UpstreamAddress.IsHttp(metrics.Address))
            Fail("upstream.metrics.address", $"'{metrics.Address}' is no address; expected http://host:port/metrics");
        if (upstream.Tls is not { } tls)
            return;
        CheckFile("upstream.tls.ca", tls.Ca);
        CheckFile("upstream.tls.certificate", tls.Certificate);
        CheckFile("upstream.tls.key", tls.Key);
        if (tls.Certificate is null != tls.Key is null)
            Fail("upstream.tls.key", "certificate and key come together; one of them is missing");
    }

    private void CheckListeners(SelfHealOptions options)
    {
        var xds = options.Xds.Listen;
        var admin = options.Admin.Listen;
        // Port 0 lets the system choose two different ones.
        if (xds == admin && xds is not ListenAddress.Tcp { Port: 0 })
            Fail("admin.listen", $"is {admin}, and so is xds.listen; each listener needs an address of its own");
        if (options.Xds.RestListen is { } rest and not ListenAddress.Tcp { Port: 0 } && (rest == xds || rest == admin))
        {
            var other = rest == xds ? "xds.listen" : "admin.listen";
            Fail("xds.rest_listen", $"is {rest}, and so is {other}; each listener needs an address of its own");
        }

        if (options.Xds.RestListen is { IsLocal: false } reachable && options.Xds.Tls is null)
        {
            Warn("xds.rest_listen", $"{reachable} can be reached from other machines without TLS; "
                + "whoever connects gets the configuration; set xds.tls");
        }

        if (!xds.IsLocal && options.Xds.Tls is null)
        {
            Warn("xds.listen", $"{xds} can be reached from other machines without TLS; "
                + "whoever connects gets the configuration and can send stats; set xds.tls");
        }

        if (!admin.IsLocal)
        {
            Warn("admin.listen", $"{admin} can be reached from other machines, and the admin API has neither TLS nor "
                + "authentication; whoever connects can read every decision record");
        }
    }

    private void CheckFiles(SelfHealOptions options)
    {
        CheckDirectory("xds.resources", options.Xds.Resources);
        if (File.Exists(options.State.Directory))
            Fail("state.directory", $"{options.State.Directory} is a file; expected a directory");
        if (File.Exists(options.Recording.Directory))
            Fail("recording.directory", $"{options.Recording.Directory} is a file; expected a directory");
        foreach (var set in options.Xds.DescriptorSets)
            CheckFile("xds.descriptor_sets", set);
        if (options.Xds.Tls is not { } tls)
            return;
        CheckFile("xds.tls.certificate", tls.Certificate);
        CheckFile("xds.tls.key", tls.Key);
        CheckFile("xds.tls.client_ca", tls.ClientCa);
    }

    /// <summary>One that is not there now may be mounted later; until then what proxies accepted last is served.
    /// </summary>
    private void CheckDirectory(string field, string path)
    {
        if (path.Length == 0 || Directory.Exists(path))
            return;
        if (File.Exists(path))
            Fail(field, $"{path} is a file; expected a directory");
        else
            Warn(field, $"no directory {path}; until it is there, what proxies accepted last is served");
    }

    private void CheckGroups(ImmutableArray<NodeGroupOptions> groups)
    {
        var names = new HashSet<string>(StringComparer.Ordinal) { NodeGroups.Default };
        for (var index = 0; index < groups.Length; index++)
        {
            var (group, path) = (groups[index], $"xds.groups[{index}]");
            if (group.Name.Length == 0 || group.Name.Length > 60
                || !group.Name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
                Fail($"{path}.name", "expected 1 to 60 letters, digits, hyphens and underscores");
            else if (!names.Add(group.Name))
                Fail($"{path}.name", $"'{group.Name}' is already the name of another group");
            var match = group.Match;
            if ((match.Id ?? match.Cluster ?? match.Region ?? match.Zone ?? match.SubZone) is null
                && match.Metadata.IsEmpty)
                Fail($"{path}.match", "says nothing; expected id, cluster, region, zone, sub_zone or metadata");
            CheckPlace($"{path}.resources", group.Resources);
        }
    }

    private void CheckPlace(string field, string resources)
    {
        var literal = resources.Replace(NodeGroup.IdPlaceholder, "", StringComparison.Ordinal)
            .Replace(NodeGroup.ClusterPlaceholder, "", StringComparison.Ordinal);
        if (literal.Contains('{', StringComparison.Ordinal) || literal.Contains('}', StringComparison.Ordinal))
        {
            Fail(field, $"knows {NodeGroup.IdPlaceholder} and {NodeGroup.ClusterPlaceholder} only, found {resources}");
        }
        else if (literal.Length == resources.Length)
            CheckDirectory(field, resources);
    }

    private void CheckFile(string field, string? path)
    {
        if (!string.IsNullOrEmpty(path) && !File.Exists(path))
            Fail(field, $"no file {path}");
    }

    private void CheckAccess(XdsOptions xds)
    {
        if (!UnixSocketFile.TryParseMode(xds.SocketMode, out _))
            Fail("xds.socket_mode", $"expected four octal digits such as 0660, found '{xds.SocketMode}'");
        if (xds.SocketGroup is { } group && UnixSocketFile.FindGroup(group) is null)
            Fail("xds.socket_group", $"no group '{group}' in /etc/group; expected one, or a number");
        CheckPatterns("xds.tls.client_sans", xds.Tls?.ClientSans ?? []);
        var provesNames = xds.Tls?.ClientCa is not null;
        if (xds.Tls is { ClientSans.IsEmpty: false } && !provesNames)
            Fail("xds.tls.client_sans", "needs xds.tls.client_ca: without it no client shows a certificate");
        foreach (var (name, rule) in xds.Authorisation)
        {
            var path = $"xds.authorisation.{name}";
            CheckPatterns($"{path}.sans", rule.Sans);
            CheckPatterns($"{path}.nodes", rule.Nodes);
            CheckPatterns($"{path}.clusters", rule.Clusters);
            CheckPatterns($"{path}.secrets", rule.Secrets);
            if (!rule.Sans.IsEmpty && !provesNames)
                Fail($"{path}.sans", "needs xds.tls.client_ca: without it no client shows a certificate");
        }
    }

    private void CheckPatterns(string field, ImmutableArray<string> patterns)
    {
        foreach (var text in patterns)
        {
            if (!IdentityPattern.TryParse(text, out _, out var problem))
                Fail(field, problem);
        }
    }

    private void CheckPolicy(PolicyOptions policy, DetectionOptions detection)
    {
        const string contractPath = "policy.contract";
        var contract = policy.Contract;
        CheckOrder(
            ($"{contractPath}.window", contract.Window), ("detection.flush_interval", detection.FlushInterval));
        CheckOrder(($"{contractPath}.deadline", contract.Deadline), ($"{contractPath}.window", contract.Window));
        CheckOrder(($"{contractPath}.expiry", contract.Expiry), ($"{contractPath}.deadline", contract.Deadline));
    }

    private void CheckOrder<T>((string Field, T Value) upper, (string Field, T Value) lower)
        where T : struct, IComparable<T>
    {
        if (broken.Contains(upper.Field) || broken.Contains(lower.Field) || upper.Value.CompareTo(lower.Value) >= 0)
            return;
        var (upperText, lowerText) = (ScalarFormat.Write(upper.Value), ScalarFormat.Write(lower.Value));
        // Blame the key that the user wrote; the other one may be a default.
        if (places.ContainsKey(upper.Field) || !places.ContainsKey(lower.Field))
            Fail(upper.Field, $"{upperText} must not be less than {lower.Field} ({lowerText})");
        else
            Fail(lower.Field, $"{lowerText} must not be more than {upper.Field} ({upperText})");
    }

    private void Fail(string field, string message)
    {
        if (!broken.Contains(field))
            _errors.Add(Finding(field, message));
    }

    private void Warn(string field, string message)
    {
        if (!broken.Contains(field))
            _warnings.Add(Finding(field, message));
    }

    private ConfigFinding Finding(string field, string message)
    {
        // What has no place of its own is told where it stands or would stand: in its list or section, else at the
        // file's begin.
        var list = field.EndsWith(']') ? field[..field.LastIndexOf('[')] : field;
        var section = field.LastIndexOf('.') is >= 0 and var dot ? field[..dot] : field;
        var node = places.GetValueOrDefault(field) ?? places.GetValueOrDefault(list)
            ?? places.GetValueOrDefault(section);
        return new ConfigFinding(file, node?.Line ?? 1, node?.Column ?? 1, field, message);
    }
}
