using System.Collections.Immutable;
using Envoy.Config.Core.V3;
using SelfHeal.Sidecar.Config;

namespace SelfHeal.Sidecar.Security;

/// <summary>Who may call itself what, and ask for what then (<c>xds.authorisation</c>).</summary>
internal sealed class AccessPolicy
{
    private readonly ImmutableArray<AccessRule> _rules;

    /// <summary>The policy of a configuration.</summary>
    /// <param name="options">Its xDS section.</param>
    public AccessPolicy(XdsOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _rules = [.. options.Authorisation.Select(static r => new AccessRule(r.Key, r.Value))];
    }

    /// <summary>Whether there are no rules, so that every peer may be every node.</summary>
    public bool IsOpen => _rules.IsEmpty;

    /// <summary>The grant by the first rule, in the order of their names, that speaks of a peer and its node.</summary>
    /// <param name="peer">Who it is.</param>
    /// <param name="node">Who it says that it is.</param>
    /// <returns>Null when no rule does.</returns>
    public AccessGrant? Grant(PeerIdentity peer, Node node)
    {
        if (IsOpen)
            return AccessGrant.Everything;
        foreach (var rule in _rules)
        {
            if (rule.Grant(peer, node) is { } grant)
                return grant;
        }

        return null;
    }
}
