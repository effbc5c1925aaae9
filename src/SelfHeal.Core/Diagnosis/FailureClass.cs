namespace SelfHeal.Core.Diagnosis;

/// <summary>The three classes of ingress failure; what helps one harms another.</summary>
public enum FailureClass
{
    /// <summary>Not classified (the unknown hypothesis).</summary>
    None,

    /// <summary>Control plane and configuration: only the rollback of what changed helps.</summary>
    Configuration,

    /// <summary>Data-plane capacity: scale out or shed, never restart.</summary>
    Capacity,

    /// <summary>Dependency-reflected: eject, shift, or leave the zone; never restart the gateway.</summary>
    Dependency,
}
