using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Net;
using SelfHeal.Sidecar.Config.Loading;

namespace SelfHeal.Sidecar.Config;

/// <summary>The gRPC listener that Envoy connects to, and what it serves.</summary>
internal sealed class XdsOptions
{
    /// <summary>
    /// Where Envoy reaches ADS, the stats sink, load reports and access logs; cleartext HTTP/2 unless tls is set. The
    /// file of a Unix socket has mode 0600. Default: 127.0.0.1:18000.
    /// </summary>
    public ListenAddress Listen { get; init; } = new ListenAddress.Tcp(IPAddress.Loopback, 18000);

    /// <summary>
    /// The directory of Envoy v3 resources (YAML or JSON) to serve; changes are picked up while running. Required.
    /// </summary>
    [Required]
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

    /// <summary>TLS for the gRPC listener. Null: cleartext. Default: null.</summary>
    public XdsTlsOptions? Tls { get; init; }

    /// <summary>
    /// How many streams of each kind (xDS, stats, loads, access logs) may be open at once; one more is refused with
    /// RESOURCE_EXHAUSTED and counted. Default: 2000. Limits: 1 to 100000.
    /// </summary>
    [Limits("1", "100000")]
    public int MaxStreams { get; init; } = 2000;

    /// <summary>
    /// How long Envoy may take to answer a pushed change before the change counts as refused. Default: 5s.
    /// Limits: 100ms to 1m.
    /// </summary>
    [Limits("100ms", "1m")]
    public TimeSpan AckTimeout { get; init; } = TimeSpan.FromSeconds(5);
}
