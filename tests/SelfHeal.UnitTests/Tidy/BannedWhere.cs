namespace SelfHeal.UnitTests.Tidy;

/// <summary>Which projects a row of the table of banned members holds for.</summary>
internal enum BannedWhere
{
    Everywhere,
    OutsideShell,
    Core,
}
