using FsCheck;
using FsCheck.Fluent;
using SelfHeal.Core.Topology;

namespace SelfHeal.UnitTests.Topology;

/// <summary>What holds for every name. FsCheck prints the seed of a failure.</summary>
public sealed class IstioClusterNamePropertyTests
{
    private static readonly Config Thorough = Config.QuickThrowOnFailure.WithMaxTest(2_000);

    private static readonly Gen<string> Word =
        Gen.ArrayOf(Gen.Elements("a", "v", "1", "2", "-", ".", "_", "\u00e9")).Select(string.Concat);

    /// <summary>Pieces of names in any order, so that nearly right ones are frequent.</summary>
    private static readonly Arbitrary<string> Texts = Arb.From(Gen.ArrayOf(Gen.Elements(
        "outbound", "inbound", "inbound-vip", "|", "_.", "80", "v2", "pay.shop", ";", ":", "", "\0", "/", "\ud83d",
        "99999999999")).Select(string.Concat));

    private static readonly Arbitrary<IstioClusterName> Names = Arb.From(
        from direction in Gen.Elements(IstioDirection.Outbound, IstioDirection.Inbound, IstioDirection.InboundVip)
        from port in Gen.Choose(0, 65_535)
        from subset in Word
        from host in Word
        from isServerName in Gen.Elements(true, false)
        from isDelimited in Gen.Elements(true, false)
        let name = new IstioClusterName(direction, port, Apart(subset), $"h{host}", isServerName, isDelimited)
        select name);

    private static readonly Arbitrary<string[]> Mixed = Arb.From(
        Gen.ArrayOf(Gen.OneOf(Texts.Generator, Names.Generator.Select(static name => name.ToString()))));

    [Test]
    public void TryParse_RenderedName_IsTheSame() => Check.One(Thorough, Prop.ForAll(Names, name =>
        IstioClusterName.TryParse(name.ToString(), out var parsed) && parsed == name));

    [Test]
    public void TryParse_AnyText_NeverThrowsAndRendersBack() => Check.One(Thorough, Prop.ForAll(Texts, text =>
        !IstioClusterName.TryParse(text, out var name) || name.ToString() == text));

    [Test]
    public void FromNames_AnyTexts_HoldsEachInExactlyOneService() => Check.One(
        Thorough,
        Prop.ForAll(Mixed, names =>
        {
            var services = ServiceScope.From(GatewayTopology.FromNames(names));
            var held = services.SelectMany(static service => service.Versions).Select(static v => v.Cluster);
            return held.Order(StringComparer.Ordinal).SequenceEqual(
                names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal), StringComparer.Ordinal);
        }));

    /// <summary>A separator within a subset would be a name with other parts.</summary>
    private static string Apart(string text) => text.Replace("_", "", StringComparison.Ordinal);
}
