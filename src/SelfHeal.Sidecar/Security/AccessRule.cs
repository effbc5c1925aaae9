using System.Collections.Immutable;
using Envoy.Config.Core.V3;
using SelfHeal.Sidecar.Config;
using SelfHeal.Xds.Resources;

namespace SelfHeal.Sidecar.Security;

/// <summary>One rule: which peers may call themselves what, and what they may ask for then.</summary>
internal sealed class AccessRule
{
    private readonly ImmutableArray<IdentityPattern> _names;
    private readonly ImmutableArray<IdentityPattern> _nodes;
    private readonly ImmutableArray<IdentityPattern> _clusters;
    private readonly ImmutableArray<IdentityPattern> _secrets;
    private readonly ImmutableArray<string> _types;

    /// <summary>A rule of the configuration.</summary>
    /// <param name="name">Its name there.</param>
    /// <param name="options">Its patterns, which the configuration's checks have found to be patterns.</param>
    public AccessRule(string name, XdsAuthorisationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Name = name;
        _names = Parse(options.Sans);
        _nodes = Parse(options.Nodes);
        _clusters = Parse(options.Clusters);
        _secrets = Parse(options.Secrets);
        _types = options.Types;
    }

    /// <summary>Its name in the configuration.</summary>
    public string Name { get; }

    /// <summary>Whether a peer may call itself this node under this rule.</summary>
    /// <param name="peer">Who it is.</param>
    /// <param name="node">Who it says that it is.</param>
    /// <returns>What it may ask for; null when the rule does not speak of it.</returns>
    public AccessGrant? Grant(PeerIdentity peer, Node node)
    {
        ArgumentNullException.ThrowIfNull(peer);
        ArgumentNullException.ThrowIfNull(node);
        if (_names.IsEmpty)
        {
            var none = new Dictionary<string, string>(StringComparer.Ordinal);
            return Matches(node, none) ? new AccessGrant(this, none) : null;
        }

        foreach (var pattern in _names)
        {
            foreach (var name in peer.Names)
            {
                var words = new Dictionary<string, string>(StringComparer.Ordinal);
                if (pattern.IsMatch(name, words) && Matches(node, words))
                    return new AccessGrant(this, words);
            }
        }

        return null;
    }

    /// <summary>Whether nodes under this rule may ask for a type.</summary>
    /// <param name="typeUrl">The type.</param>
    public bool AllowsType(string typeUrl) =>
        _types.IsEmpty || _types.Contains(TypeUrl.FullName(typeUrl), StringComparer.Ordinal);

    /// <summary>Whether nodes under this rule may be served a secret.</summary>
    /// <param name="name">Of the secret; <c>*</c> for all of them.</param>
    /// <param name="words">What the peer's name stood for.</param>
    public bool AllowsSecret(string name, IReadOnlyDictionary<string, string> words) =>
        _secrets.Any(s => s.IsMatch(name, new Dictionary<string, string>(words, StringComparer.Ordinal)));

    private bool Matches(Node node, Dictionary<string, string> words) =>
        Matches(_nodes, node.Id, words) && Matches(_clusters, node.Cluster, words);

    private static bool Matches(
        ImmutableArray<IdentityPattern> patterns, string text, Dictionary<string, string> words) =>
        patterns.IsEmpty
        || patterns.Any(p => p.IsMatch(text, new Dictionary<string, string>(words, StringComparer.Ordinal)));

    private static ImmutableArray<IdentityPattern> Parse(ImmutableArray<string> texts) =>
    [
        .. texts.Select(static text => IdentityPattern.TryParse(text, out var pattern, out var problem)
            ? pattern
            : throw new ArgumentException(problem, nameof(texts))),
    ];
}
