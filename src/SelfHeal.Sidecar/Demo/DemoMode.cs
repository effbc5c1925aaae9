namespace SelfHeal.Sidecar.Demo;

/// <summary>Who serves the configuration in the demo.</summary>
internal enum DemoMode
{
    /// <summary>SelfHeal itself, from files.</summary>
    Standalone,

    /// <summary>A real Istiod, through SelfHeal.</summary>
    Istio,
}
