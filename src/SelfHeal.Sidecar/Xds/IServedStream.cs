using Envoy.Config.Core.V3;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Sidecar.Xds;

/// <summary>An open xDS stream, as others than its pump may ask it; from any thread.</summary>
internal interface IServedStream
{
    /// <summary>The client as it introduced itself; null before.</summary>
    Node? Node { get; }

    /// <summary>What the client is meant to have; null while that is not known.</summary>
    ValidatedSnapshot? Intended { get; }
}
