using System.Diagnostics.Metrics;

namespace SelfHeal.Sidecar.Security;

/// <summary>Counts what was refused. The reasons are a closed set, so no peer can make series.</summary>
internal sealed class AccessMeter
{
    /// <summary>A client's certificate has no name that <c>xds.tls.client_sans</c> allows.</summary>
    public const string ClientName = "client_san";

    /// <summary>A peer called itself a node that no rule allows it to be.</summary>
    public const string Identity = "identity";

    /// <summary>A node asked for a type that its rule does not allow.</summary>
    public const string Type = "type";

    /// <summary>A node asked for a secret that its rule does not allow.</summary>
    public const string Secret = "secret";

    /// <summary><c>xds.max_streams</c> are open.</summary>
    public const string Streams = "max_streams";

    /// <summary>The peer has <c>xds.max_streams_per_peer</c> open.</summary>
    public const string PeerStreams = "max_streams_per_peer";

    private readonly Counter<long> _refused;

    /// <summary>Registers the instrument.</summary>
    /// <param name="meters">The host's factory.</param>
    public AccessMeter(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        _refused = meters.Create("SelfHeal.Access").CreateCounter<long>(
            "selfheal.xds.refused", description: "Connections, streams, requests and names that were refused");
    }

    /// <summary>Something was refused.</summary>
    /// <param name="reason">One of the constants.</param>
    /// <param name="count">How many.</param>
    public void Refused(string reason, int count = 1) =>
        _refused.Add(count, new KeyValuePair<string, object?>("reason", reason));
}
