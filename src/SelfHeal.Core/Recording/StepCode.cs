namespace SelfHeal.Core.Recording;

/// <summary>What begins a step in a chunk.</summary>
internal static class StepCode
{
    /// <summary>Steps without events, each as long after the one before as that one was.</summary>
    public const byte Run = 1;

    /// <summary>A step without events, at a time of its own.</summary>
    public const byte Empty = 2;

    /// <summary>A step with events or effects.</summary>
    public const byte Full = 3;
}
