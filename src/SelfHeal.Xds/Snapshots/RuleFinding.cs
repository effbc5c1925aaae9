namespace SelfHeal.Xds.Snapshots;

/// <summary>One rule of the API that a resource breaks.</summary>
/// <param name="Field">The field by its proto names.</param>
/// <param name="Message">What is wrong and what is allowed, with the rule as the API names it.</param>
internal readonly record struct RuleFinding(string Field, string Message);
