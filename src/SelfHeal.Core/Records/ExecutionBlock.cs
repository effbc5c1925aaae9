using System.Collections.Immutable;
using SelfHeal.Core.Remediation;

namespace SelfHeal.Core.Records;

/// <summary>What is written, before and after, and how the proxies answered.</summary>
public sealed record ExecutionBlock
{
    /// <summary>The change; its withdrawal is the rollback.</summary>
    public required WeightOverlay Overlay { get; init; }

    /// <summary>The weights as declared by the source.</summary>
    public ImmutableArray<VersionWeight> Before { get; init; } = [];

    /// <summary>The weights with the change.</summary>
    public ImmutableArray<VersionWeight> After { get; init; } = [];

    /// <summary>What undoes it.</summary>
    public string RollbackPlan { get; init; } = "";

    /// <summary>How the undoing will be judged.</summary>
    public string RollbackContract { get; init; } = "";

    /// <summary>Hash of the route's content before the change.</summary>
    public string BeforeHash { get; init; } = "";

    /// <summary>Hash of what the proxies acknowledged; null before they did.</summary>
    public string? AcknowledgedHash { get; init; }

    /// <summary>Proxies that acknowledged it.</summary>
    public int? Acknowledged { get; init; }

    /// <summary>The proxy that rejected it, and its words.</summary>
    public RouteRejection? Rejection { get; init; }

    /// <summary>What else went wrong; null is nothing.</summary>
    public string? Error { get; init; }
}
