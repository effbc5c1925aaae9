namespace SelfHeal.Core.Records;

/// <summary>When things happened, UTC by the instance's wall clock; null is not yet.</summary>
public sealed record TimeBlock
{
    /// <summary>Start of the current run of abnormal blocks.</summary>
    public DateTimeOffset? Onset { get; init; }

    /// <summary>The end of the block that breached.</summary>
    public DateTimeOffset? Detected { get; init; }

    /// <summary>The step that wrote this entry.</summary>
    public required DateTimeOffset Decided { get; init; }

    /// <summary>The decision's entry was durable.</summary>
    public DateTimeOffset? Appended { get; init; }

    /// <summary>The change was handed to the proxies.</summary>
    public DateTimeOffset? Executed { get; init; }

    /// <summary>The last proxy in scope acknowledged it.</summary>
    public DateTimeOffset? Acknowledged { get; init; }

    /// <summary>The contract was judged.</summary>
    public DateTimeOffset? Verified { get; init; }

    /// <summary>Which clock.</summary>
    public string ClockSource { get; init; } = "instance wall clock, UTC";
}
