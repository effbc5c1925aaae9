using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Config.Loading;

namespace SelfHeal.UnitTests.Sidecar.Config;

internal sealed class ConfigurationDocumentTests
{
    [Test]
    public void Document_IsWhatTheOptionsSay() =>
        GoldenFile.Check("docs/configuration.md", ConfigurationDocument.Write());

    [Test]
    public void Schema_IsWhatTheOptionsSay() =>
        GoldenFile.Check("docs/selfheal.schema.json", ConfigurationSchema.Write());

    [TestCaseSource(nameof(Fields))]
    public void DocComment_OfEveryOption_StatesDefaultAndLimits(OptionField field)
    {
        ArgumentNullException.ThrowIfNull(field);
        var summary = new XmlDocumentation(typeof(SelfHealOptions).Assembly).SummaryOf(field.Property);

        using (Assert.EnterMultipleScope())
        {
            foreach (var fact in ConfigurationDocument.Facts(field))
                Assert.That(summary, Does.Contain(fact));
            if (field.IsNullable)
                Assert.That(summary, Does.Contain("Null: "));
        }
    }

    [TestCaseSource(nameof(Fields))]
    public void Default_OfEveryOption_IsWithinItsLimits(OptionField field)
    {
        ArgumentNullException.ThrowIfNull(field);
        if (field is not { Limits: { } limits, Default: IComparable value })
            return;
        var minimum = field.Scalar?.Parse(limits.Minimum);
        var maximum = field.Scalar?.Parse(limits.Maximum);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(value.CompareTo(minimum), Is.GreaterThanOrEqualTo(0));
            Assert.That(value.CompareTo(maximum), Is.LessThanOrEqualTo(0));
        }
    }

    private static IEnumerable<TestCaseData> Fields() => FieldsOf(typeof(SelfHealOptions), "");

    private static IEnumerable<TestCaseData> FieldsOf(Type type, string path)
    {
        foreach (var field in OptionField.Of(type))
        {
            yield return new TestCaseData(field).SetArgDisplayNames(path + field.Key);
            if (field.Scalar is not null)
                continue;
            foreach (var below in FieldsOf(field.ElementType, $"{path}{field.Key}."))
                yield return below;
        }
    }
}
