using System.Collections.Immutable;
using SelfHeal.Core.Topology;

namespace SelfHeal.Core.Remediation;

/// <summary>
/// A change laid over one resource of the configuration. It names only what it sets; everything else stays what the
/// source of configuration says, and without the overlay the resource is the source's own again. A closed set: what is
/// not named here cannot be changed.
/// </summary>
public abstract record Overlay
{
    private Overlay()
    {
    }

    /// <summary>Unique and ordered: overlays on one resource compose in the ordinal order of their ids.</summary>
    public required string Id { get; init; }

    /// <summary>Who laid it, and alone may take it away before it expires.</summary>
    public required string Owner { get; init; }

    /// <summary>Why, in one line.</summary>
    public required string Reason { get; init; }

    /// <summary>The incident that it answers.</summary>
    public required string IncidentId { get; init; }

    /// <summary>
    /// When it is withdrawn, whoever is there to do it. Null only for a change of the control loop: its ledger says
    /// when it ends, and at its expiry a human is asked.
    /// </summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>What carries it to Envoy.</summary>
    public abstract OverlayCarrier Carrier { get; }

    /// <summary>The one resource of the carrier's type that it selects.</summary>
    public abstract string Resource { get; }

    /// <summary>Sets weights of a route's weighted clusters.</summary>
    /// <param name="RouteConfiguration">The RDS resource.</param>
    /// <param name="VirtualHost">The virtual host's name.</param>
    /// <param name="Route">As <see cref="TrafficSplit.Route"/>.</param>
    /// <param name="Weights">The clusters that get another weight.</param>
    public sealed record WeightedClusters(
        string RouteConfiguration, string VirtualHost, string Route, ImmutableArray<ClusterWeight> Weights) : Overlay
    {
        /// <inheritdoc/>
        public override OverlayCarrier Carrier => OverlayCarrier.Rds;

        /// <inheritdoc/>
        public override string Resource => RouteConfiguration;
    }

    /// <summary>Lowers the retry policy of a route or of a virtual host.</summary>
    /// <param name="RouteConfiguration">The RDS resource.</param>
    /// <param name="VirtualHost">The virtual host's name.</param>
    /// <param name="Route">As <see cref="TrafficSplit.Route"/>; null means the virtual host's own policy.</param>
    /// <param name="Limits">What it is lowered to.</param>
    public sealed record RetryPolicy(
        string RouteConfiguration, string VirtualHost, string? Route, RetryLimits Limits) : Overlay
    {
        /// <inheritdoc/>
        public override OverlayCarrier Carrier => OverlayCarrier.Rds;

        /// <inheritdoc/>
        public override string Resource => RouteConfiguration;
    }

    /// <summary>Sets weights of endpoints.</summary>
    /// <param name="Assignment">The EDS resource: the cluster's name, or its service name where it has one.</param>
    /// <param name="Weights">The endpoints that get another weight.</param>
    public sealed record EndpointWeights(string Assignment, ImmutableArray<EndpointWeight> Weights) : Overlay
    {
        /// <inheritdoc/>
        public override OverlayCarrier Carrier => OverlayCarrier.Eds;

        /// <inheritdoc/>
        public override string Resource => Assignment;
    }

    /// <summary>Says how healthy endpoints are.</summary>
    /// <param name="Assignment">The EDS resource: the cluster's name, or its service name where it has one.</param>
    /// <param name="Statuses">The endpoints of which something else is said.</param>
    public sealed record EndpointHealth(string Assignment, ImmutableArray<EndpointStatus> Statuses) : Overlay
    {
        /// <inheritdoc/>
        public override OverlayCarrier Carrier => OverlayCarrier.Eds;

        /// <inheritdoc/>
        public override string Resource => Assignment;
    }

    /// <summary>Sets weights of localities.</summary>
    /// <param name="Assignment">The EDS resource: the cluster's name, or its service name where it has one.</param>
    /// <param name="Weights">The localities that get another weight.</param>
    public sealed record LocalityWeights(string Assignment, ImmutableArray<LocalityWeight> Weights) : Overlay
    {
        /// <inheritdoc/>
        public override OverlayCarrier Carrier => OverlayCarrier.Eds;

        /// <inheritdoc/>
        public override string Resource => Assignment;
    }

    /// <summary>Sets priorities of localities.</summary>
    /// <param name="Assignment">The EDS resource: the cluster's name, or its service name where it has one.</param>
    /// <param name="Priorities">The localities that get another priority.</param>
    public sealed record LocalityPriorities(string Assignment, ImmutableArray<LocalityPriority> Priorities) : Overlay
    {
        /// <inheritdoc/>
        public override OverlayCarrier Carrier => OverlayCarrier.Eds;

        /// <inheritdoc/>
        public override string Resource => Assignment;
    }

    /// <summary>
    /// Sets the runtime keys of a cluster's circuit breaker, <c>circuit_breakers.CLUSTER.PRIORITY.SETTING</c>, which
    /// win over what the cluster says and need no new cluster.
    /// </summary>
    /// <param name="Layer">The RTDS resource: the layer that the proxies' bootstrap names. It is made where the source
    /// has none of this name.</param>
    /// <param name="Cluster">The cluster's name.</param>
    /// <param name="Priority">Which requests.</param>
    /// <param name="Limits">What is set.</param>
    public sealed record RuntimeBreakers(
        string Layer, string Cluster, BreakerPriority Priority, BreakerSettings Limits) : Overlay
    {
        /// <inheritdoc/>
        public override OverlayCarrier Carrier => OverlayCarrier.Rtds;

        /// <inheritdoc/>
        public override string Resource => Layer;
    }

    /// <summary>Sets a cluster's outlier detection; Envoy builds and warms the cluster anew.</summary>
    /// <param name="Cluster">The CDS resource.</param>
    /// <param name="Settings">What is set.</param>
    public sealed record OutlierDetection(string Cluster, OutlierSettings Settings) : Overlay
    {
        /// <inheritdoc/>
        public override OverlayCarrier Carrier => OverlayCarrier.Cds;

        /// <inheritdoc/>
        public override string Resource => Cluster;
    }

    /// <summary>Sets a cluster's circuit breaker; Envoy builds and warms the cluster anew.</summary>
    /// <param name="Cluster">The CDS resource.</param>
    /// <param name="Priority">Which requests.</param>
    /// <param name="Limits">What is set.</param>
    public sealed record CircuitBreakers(string Cluster, BreakerPriority Priority, BreakerSettings Limits) : Overlay
    {
        /// <inheritdoc/>
        public override OverlayCarrier Carrier => OverlayCarrier.Cds;

        /// <inheritdoc/>
        public override string Resource => Cluster;
    }
}
