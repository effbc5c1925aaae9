using System.Reflection;

namespace SelfHeal.FunctionalTests.Conformance;

/// <summary>The table and the tests say the same, in both directions.</summary>
internal sealed class BehaviourTableTests
{
    private static readonly ILookup<int, Variant> Shown = typeof(BehaviourTableTests).Assembly.GetTypes()
        .Where(static type => type.IsSubclassOf(typeof(ConformanceFixture)))
        .SelectMany(static type => type.GetMethods())
        .Select(static method => (method.Name, method.GetCustomAttribute<BehaviourAttribute>()?.Variants))
        .Where(static method => method.Variants is not null)
        .ToLookup(static m => BehaviourAttribute.NumberOf(m.Name), static m => m.Variants ?? Variant.None);

    [Test]
    public void Table_NumbersAreOneToNinetyFive() =>
        Assert.That(BehaviourTable.Rows.Select(static row => row.Number), Is.EqualTo(Enumerable.Range(1, 95)));

    [Test]
    public void Table_NotApplicable_HasAReason()
    {
        foreach (var row in BehaviourTable.Rows)
        {
            var isEverywhere = row.Variants is Variant.Streams;
            Assert.That(row.Reason.Length == 0, Is.EqualTo(isEverywhere), $"behaviour {row.Number}");
        }
    }

    [Test]
    public void Tests_EveryBehaviour_IsShownOnWhatTheTableSaysAndOnNothingElse()
    {
        var wrong = BehaviourTable.Rows
            .Select(row => (row.Number, Table: row.Variants, Tests: string.Join('+', Shown[row.Number])))
            .Where(static row => row.Tests != row.Table.ToString())
            .Select(static row => $"{row.Number}: the table has {row.Table}, the tests have {row.Tests}");
        Assert.That(wrong, Is.Empty);
    }

    [Test]
    public void Tests_EveryNumber_IsInTheTable() => Assert.That(
        Shown.Select(static test => test.Key).Except(BehaviourTable.Rows.Select(static row => row.Number)), Is.Empty);
}
