namespace SelfHeal.UnitTests.Tidy;

/// <summary>One member that an assembly calls or reads, as its compiled reference table names it.</summary>
/// <param name="Type">The declaring type with its namespace; generic arguments are left out.</param>
/// <param name="Name">The member, such as <c>get_UtcNow</c> or <c>.ctor</c>.</param>
/// <param name="Parameters">The types of the parameters; empty for a field.</param>
internal sealed record MemberUse(string Type, string Name, params string[] Parameters)
{
    public override string ToString() => $"{Type}.{Name}({string.Join(", ", Parameters)})";
}
