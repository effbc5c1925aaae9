namespace SelfHeal.UnitTests.Tidy;

/// <summary>House rules 12, 13 and 16 on compiled code, where no alias and no using hides a call.</summary>
public sealed class BannedApiTests
{
    private static readonly CompiledAssembly ThisAssembly =
        CompiledAssembly.Load(typeof(BannedApiTests).Assembly.Location);

    private static IEnumerable<string> ProjectNames => Repository.SourceProjects.Select(project => project.Name);

    private static IEnumerable<string> Rows => BannedApi.All.Select(row => row.What);

    [TestCaseSource(nameof(ProjectNames))]
    public void Assembly_Calls_NothingBanned(string name) =>
        Findings.ExpectNone(BannedApi.Violations(name, Repository.Project(name).LoadAssembly().MemberUses));

    [TestCaseSource(nameof(Rows))]
    public void Row_OnTheSampleInThisAssembly_CatchesSomething(string what)
    {
        var row = BannedApi.All.Single(row => string.Equals(row.What, what, StringComparison.Ordinal));
        Assert.That(ThisAssembly.MemberUses.Where(row.IsBanned), Is.Not.Empty);
        Assert.That(BannedApi.Violations("SelfHeal.Core", ThisAssembly.MemberUses), Has.Some.Contains(what));
    }

    [TestCase("System.DateTime", "get_UtcNow")]
    [TestCase("System.Random", ".ctor")]
    [TestCase("System.Guid", "NewGuid")]
    [TestCase("System.Threading.Tasks.Task", "Delay", "System.TimeSpan", "System.Threading.CancellationToken")]
    public void Use_OfClockOrChance_IsBannedOutsideTheShellOnly(string type, string name, params string[] parameters)
    {
        MemberUse[] uses = [new(type, name, parameters)];
        Assert.That(BannedApi.Violations("SelfHeal.Ledger", uses).Count(), Is.EqualTo(1));
        Assert.That(BannedApi.Violations("SelfHeal.Sidecar", uses), Is.Empty);
    }

    [TestCase("System.Threading.Tasks.Task`1", "ConfigureAwait", "System.Boolean")]
    [TestCase("System.Threading.Tasks.Task`1", "get_Result")]
    [TestCase("System.Threading.Tasks.Task", "Wait")]
    public void Use_ThatBlocksOrLeavesContext_IsBannedEverywhere(string type, string name, params string[] parameters)
    {
        MemberUse[] uses = [new(type, name, parameters)];
        Assert.That(BannedApi.Violations("SelfHeal.Sidecar", uses).Count(), Is.EqualTo(1));
    }

    [TestCase("System.Math", "Log", "System.Double")]
    [TestCase("System.Numerics.Tensors.TensorPrimitives", "Exp", "System.ReadOnlySpan`1", "System.Span`1")]
    public void Use_OfUnevenArithmetic_IsBannedInCoreOnly(string type, string name, params string[] parameters)
    {
        MemberUse[] uses = [new(type, name, parameters)];
        Assert.That(BannedApi.Violations("SelfHeal.Core", uses).Count(), Is.EqualTo(1));
        Assert.That(BannedApi.Violations("SelfHeal.Lab", uses), Is.Empty);
    }

    [TestCase("System.Threading.Tasks.Task", "Delay", "System.TimeSpan", "System.TimeProvider")]
    [TestCase("System.Threading.PeriodicTimer", ".ctor", "System.TimeSpan", "System.TimeProvider")]
    [TestCase("System.Threading.CancellationTokenSource", ".ctor")]
    [TestCase("System.DateTime", "get_Ticks")]
    [TestCase("System.Math", "Max", "System.Int64", "System.Int64")]
    [TestCase("System.Math", "Sqrt", "System.Double")]
    [TestCase("System.Numerics.Tensors.TensorPrimitives", "Max", "System.ReadOnlySpan`1")]
    [TestCase("System.Runtime.CompilerServices.TaskAwaiter`1", "GetResult")]
    [TestCase("SelfHeal.Core.Diagnosis.Verdict", "get_Result")]
    public void Use_OfWhatTheRulesAskFor_IsFreeInCoreToo(string type, string name, params string[] parameters) =>
        Assert.That(BannedApi.Violations("SelfHeal.Core", [new MemberUse(type, name, parameters)]), Is.Empty);
}
