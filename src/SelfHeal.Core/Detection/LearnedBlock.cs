namespace SelfHeal.Core.Detection;

/// <summary>One block of one series that is being learned from.</summary>
/// <param name="Events">e.</param>
/// <param name="Total">n.</param>
/// <param name="SiblingEvents">e2.</param>
/// <param name="SiblingTotal">n2.</param>
internal readonly record struct LearnedBlock(double Events, double Total, double SiblingEvents, double SiblingTotal)
{
    public static LearnedBlock operator +(in LearnedBlock left, in LearnedBlock right) => new(
        left.Events + right.Events,
        left.Total + right.Total,
        left.SiblingEvents + right.SiblingEvents,
        left.SiblingTotal + right.SiblingTotal);
}
