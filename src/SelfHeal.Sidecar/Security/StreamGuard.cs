using Envoy.Config.Core.V3;
using Microsoft.Extensions.Logging;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Sessions;

namespace SelfHeal.Sidecar.Security;

/// <summary>
/// Stands before one stream's session, or before one fetch: lets a node in once it is known that the peer may be it,
/// and lets through what it may ask for.
/// </summary>
/// <param name="policy">The rules.</param>
/// <param name="peer">Who is at the other end.</param>
/// <param name="meter">Counts what is refused.</param>
/// <param name="logger">Where it is told.</param>
internal sealed partial class StreamGuard(
    AccessPolicy policy, PeerIdentity peer, AccessMeter meter, ILogger logger)
{
    // A stream asks for a handful of types; past as many as a session allows nothing more is told of any.
    private const int ToldMax = 64;

    private readonly HashSet<string> _told = new(StringComparer.Ordinal);
    private AccessGrant? _grant;
    private Node? _node;
    private bool _isNodePassed;

    /// <summary>What the node may be served; null: everything, and before it is known.</summary>
    public ResourceAccess? Resources => _grant?.Resources;

    /// <summary>Checks a request, and changes what of it the node may not ask.</summary>
    /// <param name="node">The request's node; null where it has none.</param>
    /// <param name="typeUrl">What it asks for.</param>
    /// <param name="names">The names that it asks for, changed in place.</param>
    /// <param name="leavesNames">
    /// Whether those that it may not have stay, for a session that knows <see cref="Resources"/>.
    /// </param>
    /// <returns>What becomes of it.</returns>
    public AccessVerdict Check(Node? node, string typeUrl, IList<string> names, bool leavesNames)
    {
        if (policy.IsOpen)
            return AccessVerdict.Allowed;
        if (_grant is null)
        {
            // A stream must begin with its node; the session says so to one that does not.
            if (string.IsNullOrEmpty(node?.Id))
                return AccessVerdict.Allowed;
            if (policy.Grant(peer, node) is not { } grant)
            {
                meter.Refused(AccessMeter.Identity);
                LogIdentity(logger, peer.ToString(), node.Id);
                return AccessVerdict.NotThisNode;
            }

            (_grant, _node) = (grant, node);
        }

        if (!_grant.AllowsType(typeUrl))
        {
            meter.Refused(AccessMeter.Type);
            if (_told.Count < ToldMax && _told.Add(typeUrl))
                LogType(logger, _node?.Id ?? "", TypeUrl.FullName(typeUrl), _grant.Rule);
            return AccessVerdict.NotThisType;
        }

        var forbidden = _grant.RemoveForbidden(typeUrl, names, leavesNames);
        if (forbidden > 0)
        {
            meter.Refused(AccessMeter.Secret, forbidden);
            LogSecrets(logger, _node?.Id ?? "", forbidden, _grant.Rule);
        }

        return AccessVerdict.Allowed;
    }

    /// <summary>
    /// The node for the request that is let through: its own, or that of an earlier one that was not. A client names
    /// its node once, and that may have been in a request for what it may not ask.
    /// </summary>
    /// <param name="node">The request's own.</param>
    public Node? NodeFor(Node? node)
    {
        if (_isNodePassed)
            return node;
        _isNodePassed = true;
        return node ?? _node;
    }
}
