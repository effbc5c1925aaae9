namespace SelfHeal.Xds.Snapshots;

/// <summary>What a value breaks.</summary>
/// <param name="Rule">As <c>validate.proto</c> names it, such as <c>string.min_len</c>.</param>
/// <param name="Message">What is wrong and what is allowed.</param>
internal sealed record RuleProblem(string Rule, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Message} (rule {Rule})";
}
