using System.Collections.Immutable;
using System.Net;
using SelfHeal.Sidecar.Config.Loading;

namespace SelfHeal.Sidecar.Config;

/// <summary>The gRPC listener that Envoy connects to, and what it serves.</summary>
internal sealed class XdsOptions
{
    /// <summary>
    /// Where Envoy reaches xDS, the stats sink, load reports and access logs; cleartext HTTP/2 unless tls is set.
    /// Default: 127.0.0.1:18000.
    /// </summary>
    public ListenAddress Listen { get; init; } = new ListenAddress.Tcp(IPAddress.Loopback, 18000);

    /// <summary>
    /// Where xDS is answered over REST (<c>api_type: REST</c> in Envoy): HTTP/1.1, with the TLS of the gRPC listener.
    /// Null: not at all. Default: null.
    /// </summary>
    public ListenAddress? RestListen { get; init; }

    /// <summary>
    /// The directory of Envoy v3 resources (YAML or JSON) to serve; changes are picked up while running. While it is
    /// missing or cannot be served, what proxies accepted last is. Required in standalone mode; in the others it must
    /// not be there. Default: empty.
    /// </summary>
    [FilePath]
    public string Resources { get; init; } = "";

    /// <summary>
    /// Files with a binary FileDescriptorSet each, plain or in gzip, as protoc --include_imports --descriptor_set_out
    /// and buf build write them. They explain resources of a newer Envoy API than this build's, and of private
    /// extensions; what they define comes before the API of this build. Changes are picked up while running.
    /// Default: [].
    /// </summary>
    [FilePath]
    public ImmutableArray<string> DescriptorSets { get; init; } = [];

    /// <summary>
    /// Nodes that are served other resources: the first group that matches a node is its own, and a node that none
    /// matches gets those of xds.resources. Default: [].
    /// </summary>
    public ImmutableArray<NodeGroupOptions> Groups { get; init; } = [];

    /// <summary>When what is served becomes the last-known-good that a rollback may go back to.</summary>
    public VerifiedSettings Verified { get; init; } = new();

    /// <summary>
    /// The mode of the socket's file where xDS listens on a Unix socket: four octal digits, such as 0660 for everybody
    /// in socket_group. Default: 0600.
    /// </summary>
    public string SocketMode { get; init; } = "0600";

    /// <summary>
    /// The group of the socket's file: a name of /etc/group, or a number. Null: the group of the process. Default:
    /// null.
    /// </summary>
    public string? SocketGroup { get; init; }

    /// <summary>TLS for the gRPC listener. Null: cleartext. Default: null.</summary>
    public XdsTlsOptions? Tls { get; init; }

    /// <summary>
    /// Rules, in the order of their names, by which the certificate of a client says which node it may be; the first
    /// that speaks of both counts, and without one the stream ends with PERMISSION_DENIED. Empty: any client may be any
    /// node and ask for everything. Default: {}.
    /// </summary>
    public ImmutableSortedDictionary<string, XdsAuthorisationOptions> Authorisation { get; init; } =
        ImmutableSortedDictionary.Create<string, XdsAuthorisationOptions>(StringComparer.Ordinal);

    /// <summary>
    /// How many streams of each kind (xDS, stats, loads, access logs) may be open at once; one more is refused with
    /// RESOURCE_EXHAUSTED and counted. Default: 2000. Limits: 1 to 100000.
    /// </summary>
    [Limits("1", "100000")]
    public int MaxStreams { get; init; } = 2000;

    /// <summary>
    /// How many xDS streams one peer may have open, told by the first name of its certificate, else by its address; one
    /// more is refused with RESOURCE_EXHAUSTED and counted. Null: as many as there may be at all. Default: null.
    /// Limits: 1 to 100000.
    /// </summary>
    [Limits("1", "100000")]
    public int? MaxStreamsPerPeer { get; init; }

    /// <summary>
    /// How long an xDS stream may live, a tenth more or less, so that streams that opened together do not end together;
    /// then it ends with UNAVAILABLE and its client opens the next one, perhaps on another replica, with a certificate
    /// that is checked anew. Null: for ever. Default: null. Limits: 1s to 168h.
    /// </summary>
    [Limits("1s", "168h")]
    public TimeSpan? MaxConnectionAge { get; init; }

    /// <summary>
    /// How long Envoy may take to answer a pushed change before the change counts as refused. Default: 5s.
    /// Limits: 100ms to 1m.
    /// </summary>
    [Limits("100ms", "1m")]
    public TimeSpan AckTimeout { get; init; } = TimeSpan.FromSeconds(5);
}
