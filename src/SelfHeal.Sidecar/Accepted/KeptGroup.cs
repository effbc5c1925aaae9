using SelfHeal.Xds.Accepted;

namespace SelfHeal.Sidecar.Accepted;

/// <summary>One file of kept configuration that is whole.</summary>
/// <param name="Generation">Its number.</param>
/// <param name="State">What it holds.</param>
internal sealed record KeptGroup(ulong Generation, AcceptedState State);
