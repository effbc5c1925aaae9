using SelfHeal.Core.Time;

namespace SelfHeal.Core.Loads;

/// <summary>Whether an endpoint has no request left.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Endpoint">The address, as <see cref="EndpointLoad.Address"/> has it.</param>
/// <param name="IsAssigned">
/// Whether the endpoint is still in the assignment that the proxies hold, draining or not. An Envoy reports nothing of
/// an endpoint that was taken out, also while its requests still run, so there is no proof by reports then.
/// </param>
/// <param name="Since">The moment from which the endpoint should get nothing new: only periods that began after it
/// count. Null: any period.</param>
/// <param name="AgeMax">How old a proxy's report may be.</param>
public sealed record DrainQuestion(
    string Cluster, string Endpoint, bool IsAssigned, ControlTime? Since, TimeSpan AgeMax);
