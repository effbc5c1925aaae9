namespace SelfHeal.UnitTests.Ledger;

/// <summary>A wall clock that stands still, so that an entry's time can be compared.</summary>
internal sealed class StoppedClock : TimeProvider
{
    public static StoppedClock Instance { get; } = new();

    public override DateTimeOffset GetUtcNow() => new(2026, 2, 3, 4, 5, 6, 789, TimeSpan.Zero);
}
