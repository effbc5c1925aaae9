namespace SelfHeal.Sidecar.Config;

/// <summary>Who serves Envoy's configuration.</summary>
internal enum OperatingMode
{
    /// <summary>SelfHeal, from a directory of Envoy resources.</summary>
    Standalone,

    /// <summary>Another ADS server; SelfHeal relays and lays overlays on what passes.</summary>
    Delegate,

    /// <summary>Somebody else; SelfHeal only watches and recommends. Not available yet.</summary>
    Observe,
}
