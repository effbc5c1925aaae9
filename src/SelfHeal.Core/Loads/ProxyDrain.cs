namespace SelfHeal.Core.Loads;

/// <summary>What one proxy's reports say of an endpoint.</summary>
/// <param name="Node">Its node id.</param>
/// <param name="State">What they say.</param>
/// <param name="InProgress">Requests under way as last reported; at most so many where the state says that it is not
/// known.</param>
/// <param name="Issued">Requests sent to it in the last period.</param>
/// <param name="Age">How old its last report is; for a departed one, how long it has been gone; null without any.
/// </param>
public sealed record ProxyDrain(string Node, ProxyDrainState State, long InProgress, long Issued, TimeSpan? Age);
