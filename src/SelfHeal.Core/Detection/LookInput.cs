namespace SelfHeal.Core.Detection;

/// <summary>The counts of one look.</summary>
/// <param name="Events">e.</param>
/// <param name="Total">n.</param>
/// <param name="SiblingEvents">e2; 0 unless a contrast.</param>
/// <param name="SiblingTotal">n2; 0 unless a contrast.</param>
internal readonly record struct LookInput(long Events, long Total, long SiblingEvents, long SiblingTotal);
