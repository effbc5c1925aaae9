using System.Globalization;
using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;
using NUnit.Framework.Internal.Builders;

namespace SelfHeal.FunctionalTests.Conformance;

/// <summary>
/// Marks the test of one behaviour: it runs once on each variant, which is its parameter. The number is in its name,
/// and how it ended goes into the page.
/// </summary>
/// <param name="variants">Where it is shown.</param>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class BehaviourAttribute(Variant variants) : NUnitAttribute, ITestBuilder, IImplyFixture, ITestAction
{
    private readonly NUnitTestCaseBuilder _builder = new();

    public Variant Variants { get; } = variants;

    public ActionTargets Targets => ActionTargets.Test;

    /// <summary>The number in a name such as <c>B014_MatchingNonceWithoutError_IsAnAckAndIsNotAnswered</c>.</summary>
    public static int NumberOf(string method) =>
        method is ['B', _, _, _, '_', ..]
            ? int.Parse(method.AsSpan(1, 3), NumberStyles.None, CultureInfo.InvariantCulture)
            : throw new FormatException($"{method} does not begin with B and three digits");

    public IEnumerable<TestMethod> BuildFrom(IMethodInfo method, Test? suite) =>
        BehaviourTable.Each(Variants).Select(
            variant => _builder.BuildTestMethod(method, suite, new TestCaseParameters([variant])));

    public void BeforeTest(ITest test)
    {
    }

    public void AfterTest(ITest test)
    {
        // One that was skipped for a peer that is missing has shown nothing either way.
        var status = TestContext.CurrentContext.Result.Outcome.Status;
        if (test is { Method: { } method, Arguments: [Variant variant] }
            && status is (TestStatus.Passed or TestStatus.Failed))
            ConformanceRun.Record(NumberOf(method.Name), variant, status is TestStatus.Passed);
    }
}
