using System.Collections.Immutable;

namespace SelfHeal.Core.Topology;

/// <summary>
/// A cluster that carries gRPC. A failed call is HTTP 200, so without the <c>grpc_stats</c> filter in the way nothing
/// in its stats tells of it: the cluster is blind.
/// </summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Sign">What tells that it carries gRPC.</param>
/// <param name="HasGrpcStats">Every connection manager that leads to it has the filter, and there is one.</param>
/// <param name="BlindListeners">The listeners that lead to it without the filter, sorted; empty where no listener that
/// is known leads to it.</param>
public sealed record GrpcCluster(
    string Cluster, GrpcSign Sign, bool HasGrpcStats, ImmutableArray<string> BlindListeners);
