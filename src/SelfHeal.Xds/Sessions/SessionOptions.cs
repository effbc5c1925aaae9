using Envoy.Config.Core.V3;
using SelfHeal.Xds.Delegation;

namespace SelfHeal.Xds.Sessions;

/// <summary>What one xDS stream is served with.</summary>
public sealed record SessionOptions
{
    /// <summary>
    /// Names the stream; every nonce begins with it, so a nonce of another stream is known as foreign. Unique within
    /// the server, at most a few dozen characters. No default.
    /// </summary>
    public required string StreamId { get; init; }

    /// <summary>
    /// Told to clients as <c>control_plane.identifier</c>, so that operators see who answered. Default:
    /// <c>selfheal</c>.
    /// </summary>
    public string ControlPlaneIdentifier { get; init; } = "selfheal";

    /// <summary>
    /// The type of a service that serves one type only (such as ClusterDiscoveryService). Default: null, which is the
    /// aggregated service, where every request names its type.
    /// </summary>
    public string? FixedTypeUrl { get; init; }

    /// <summary>
    /// How long routes and listeners wait for the ACK of the clusters they point at, and how long clusters that vanish
    /// are kept for the ACK of the routes that dropped them. Default: 5 s; greater than zero.
    /// </summary>
    public TimeSpan MakeBeforeBreakMax { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a stream that resumes an earlier one may go without asking for clusters or listeners before it is
    /// ended to
    /// force a full synchronisation (envoy#34334). Default: 30 s; null: never, for clients whose bootstrap defines all
    /// clusters and listeners.
    /// </summary>
    public TimeSpan? ResyncMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The most names that one stream may be subscribed to over all types; more ends it with RESOURCE_EXHAUSTED.
    /// Default: 100,000, ten times the largest gateways known; at least 1.
    /// </summary>
    public int SubscribedNamesMax { get; init; } = 100_000;

    /// <summary>
    /// The most types that one stream may ask for; more ends it with RESOURCE_EXHAUSTED. Default: 64, five times
    /// what Envoy knows; at least 1.
    /// </summary>
    public int TypesMax { get; init; } = 64;

    /// <summary>The most characters kept of a NACK's message; the rest is cut. Default: 4,096; at least 1.</summary>
    public int ErrorTextMax { get; init; } = 4096;

    /// <summary>
    /// How many rejected contents a stream remembers per type. Beyond it the oldest is forgotten, and only a return
    /// to that very
    /// content could send it again. Default: 1,024; at least 1.
    /// </summary>
    public int QuarantineMax { get; init; } = 1024;

    /// <summary>
    /// How many clusters and assignments that vanished may be kept waiting. Beyond it the next ones go at once.
    /// Default: 10,000; at least 0.
    /// </summary>
    public int LingeringMax { get; init; } = 10_000;

    /// <summary>
    /// Says, once the client is known, what it may be served; what it may not is to it as if it did not exist. Default:
    /// null, every client may be served everything.
    /// </summary>
    public Func<Node, ResourceAccess?>? AccessOf { get; init; }

    /// <summary>
    /// The upstream whose answers are relayed: a type or a name that it has not spoken of yet is not answered, and what
    /// a client rejects is the upstream's to mend. Default: null, what is served is our own.
    /// </summary>
    public UpstreamSession? Relayed { get; init; }

    /// <summary>
    /// Whether clients are told why they do not get a resource that they ask for (<c>resource_errors</c>): in the delta
    /// variant at once, in the state-of-the-world variant with the next response of the type. Clients that do not know
    /// the field pass over it. Default: true.
    /// </summary>
    public bool ReportResourceErrors { get; init; } = true;
}
