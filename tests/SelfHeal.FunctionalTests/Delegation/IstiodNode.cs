using System.Net;
using Envoy.Config.Core.V3;

namespace SelfHeal.FunctionalTests.Delegation;

/// <summary>Which nodes Istiod serves: <c>type~ip~name~domain</c>; the addresses may come in the metadata.</summary>
internal static class IstiodNode
{
    private const string Addresses = "INSTANCE_IPS";

    /// <summary>What is wrong with the node of a first request; null: nothing.</summary>
    public static string? ErrorOf(Node? node)
    {
        if (node is not { Id.Length: > 0 })
            return "missing node information";
        if (node.Id.Split('~') is not [var type, var address, _, _])
            return $"missing parts in the service node \"{node.Id}\"";
        if (type is not ("sidecar" or "router" or "waypoint" or "ztunnel" or "agentgateway"))
            return $"invalid node type in the service node \"{node.Id}\"";
        var listed = node.Metadata?.Fields.TryGetValue(Addresses, out var value) is true ? value.StringValue : "";
        return listed.Split(',').Append(address).Any(static text => IPAddress.TryParse(text, out _))
            ? null
            : "no valid IP address in the service node id or metadata";
    }
}
