namespace SelfHeal.UnitTests.Tidy;

/// <summary>One row of the table of banned members.</summary>
/// <param name="What">The members, for people.</param>
/// <param name="Replacement">What to write instead.</param>
/// <param name="Where">The projects that the row holds for.</param>
/// <param name="IsBanned">Whether a use is one of the members.</param>
internal sealed record BannedApi(string What, string Replacement, BannedWhere Where, Func<MemberUse, bool> IsBanned)
{
    private const string Clock = "the TimeProvider from the constructor; in Core the ControlTime that is handed in";
    private const string Chance = "the IRandomSource from the constructor";
    private const string Await = "await";
    private const string Determinism = "integer arithmetic, or a table: these differ between machines";

    /// <summary>Composition root and adapters: where the real clock and the thread pool are handed out.</summary>
    private static readonly string[] Shell = ["SelfHeal.Sidecar"];

    /// <summary>
    /// Not rounded the same on every machine; the root is (IEEE 754), and so are the integer members.
    /// </summary>
    private static readonly string[] Transcendental =
    [
        "Acos", "Acosh", "Asin", "Asinh", "Atan", "Atan2", "Atanh", "Cbrt", "Cos", "Cosh", "Exp", "Exp10", "Exp2",
        "FusedMultiplyAdd", "Hypot", "Log", "Log10", "Log10P1", "Log2", "Log2P1", "LogP1", "Pow", "RootN", "Sigmoid",
        "Sin", "SinCos", "Sinh", "SoftMax", "Tan", "Tanh",
    ];

    public static IReadOnlyList<BannedApi> All { get; } =
    [
        Members("System.DateTime", "get_UtcNow get_Now get_Today", Clock),
        Members("System.DateTimeOffset", "get_UtcNow get_Now", Clock),
        Members("System.Environment", "get_TickCount get_TickCount64", Clock),
        new("Stopwatch", Clock, BannedWhere.OutsideShell, use => use.Type is "System.Diagnostics.Stopwatch"),
        Members("System.Random", "get_Shared .ctor", Chance),
        Members("System.Guid", "NewGuid CreateVersion7", "a counter of the owner"),
        Members("System.Threading.Thread", "Sleep", "a timer of the TimeProvider"),
        Members("System.Threading.Tasks.Task", "Run", "an async loop with an owner and a stop"),
        WithoutTimeProvider("System.Threading.Tasks.Task", "Delay"),
        WithoutTimeProvider("System.Threading.PeriodicTimer", ".ctor"),
        new(
            "new CancellationTokenSource(delay) without a TimeProvider",
            Clock,
            BannedWhere.OutsideShell,
            use => use is { Type: "System.Threading.CancellationTokenSource", Name: ".ctor", Parameters: [_] }),
        new("ConfigureAwait", "nothing: the simulation needs its own context", BannedWhere.Everywhere,
            use => use.Name is "ConfigureAwait"),
        new("Task.Result", Await, BannedWhere.Everywhere, use => use.Name is "get_Result" && IsTask(use.Type)),
        new("Task.Wait", Await, BannedWhere.Everywhere,
            use => use.Name is "Wait" or "WaitAll" or "WaitAny" && IsTask(use.Type)),
        new("MathF", Determinism, BannedWhere.Core, use => use.Type is "System.MathF"),
        new("Math.Log, Exp, Pow, Sin and the like", Determinism, BannedWhere.Core, use =>
            Transcendental.Contains(use.Name, StringComparer.Ordinal)
            && use.Type is "System.Math" or "System.Double" or "System.Single" or "System.Half"),
        new("transcendental vectors", Determinism, BannedWhere.Core, use =>
            use.Type.StartsWith("System.Numerics.", StringComparison.Ordinal)
            || use.Type.StartsWith("System.Runtime.Intrinsics.", StringComparison.Ordinal)
                ? Transcendental.Contains(use.Name, StringComparer.Ordinal)
                : false),
    ];

    /// <summary>What an assembly uses although its project must not, with what to write instead.</summary>
    public static IEnumerable<string> Violations(string project, IEnumerable<MemberUse> uses) =>
        from use in uses
        from row in All
        where row.HoldsFor(project) && row.IsBanned(use)
        select $"{use}: {row.What} is banned in {project}; instead: {row.Replacement}";

    public override string ToString() => What;

    private static BannedApi Members(string type, string names, string replacement) => new(
        $"{type} {names}",
        replacement,
        BannedWhere.OutsideShell,
        use => string.Equals(use.Type, type, StringComparison.Ordinal)
            && names.Split(' ').Contains(use.Name, StringComparer.Ordinal));

    private static BannedApi WithoutTimeProvider(string type, string name) => new(
        $"{type}.{name} without a TimeProvider",
        "the overload with a TimeProvider",
        BannedWhere.OutsideShell,
        use => string.Equals(use.Type, type, StringComparison.Ordinal)
            && string.Equals(use.Name, name, StringComparison.Ordinal)
            && !use.Parameters.Contains("System.TimeProvider", StringComparer.Ordinal));

    private static bool IsTask(string type) => type
        is "System.Threading.Tasks.Task" or "System.Threading.Tasks.Task`1" or "System.Threading.Tasks.ValueTask`1";

    private bool HoldsFor(string project) => Where switch
    {
        BannedWhere.Everywhere => true,
        BannedWhere.OutsideShell => !Shell.Contains(project, StringComparer.Ordinal),
        _ => project is "SelfHeal.Core",
    };
}
