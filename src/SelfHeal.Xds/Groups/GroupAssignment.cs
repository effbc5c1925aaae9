namespace SelfHeal.Xds.Groups;

/// <summary>What a node is served, or why nothing.</summary>
/// <param name="Group">
/// The group's name; where each node has a place of its own, followed by a slash and what tells it from the others.
/// </param>
/// <param name="Resources">Where its resources are; empty if there is a problem.</param>
/// <param name="Problem">Why the node gets nothing; empty if it gets something.</param>
public sealed record GroupAssignment(string Group, string Resources, string Problem)
{
    /// <summary>Whether the node gets something.</summary>
    public bool IsServed => Problem.Length == 0;
}
