using FsCheck;
using FsCheck.Fluent;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Sessions;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.UnitTests.Xds.Sessions;

/// <summary>
/// What must hold whichever contents a client rejects: nothing that it rejected comes again, everything else ends live,
/// and the culprit is found in few pushes.
/// </summary>
[TestFixture(false, TypeUrl.Cluster)]
[TestFixture(true, TypeUrl.Cluster)]
[TestFixture(false, TypeUrl.RouteConfiguration)]
[TestFixture(true, TypeUrl.RouteConfiguration)]
[TestFixture(false, TypeUrl.ClusterLoadAssignment)]
[TestFixture(true, TypeUrl.ClusterLoadAssignment)]
internal sealed class NackPropertyTests(bool delta, string typeUrl)
{
    private const int Names = 24;
    private const int Knobs = 4;

    private static readonly SnapshotValidator Validator =
        new(new SnapshotValidatorOptions { CheckReferences = false });

    private readonly XdsResource[][] _resources = [.. Enumerable.Range(0, Names).Select(name =>
        Enumerable.Range(1, Knobs).Select(knob => Make(typeUrl, NameOf(name), knob)).ToArray())];

    [TestCase(false, false)]
    [TestCase(false, true)]
    [TestCase(true, false)]
    [TestCase(true, true)]
    public void AnyContents_Rejected_AllOthersEndLiveAndNothingIsRepeated(bool named, bool partial)
    {
        var cases = Gen.Choose(0, int.MaxValue - 1).ArrayOf().Where(draws => draws.Length > 2);
        var property = Prop.ForAll(Arb.From(cases), draws =>
        {
            var bad = new HashSet<string>(Enumerable.Range(0, draws[0] % 12).Select(
                item => Pick(draws[item % draws.Length], item).ToString()), StringComparer.Ordinal);
            var client = Client(named, partial, (name, hash) => bad.Contains(Text(name, hash)));
            var wanted = Draw(draws[1]);
            client.Offer(wanted);
            foreach (var draw in draws.Skip(2))
            {
                for (var step = draw % 5; step > 0; step--)
                {
                    if ((draw >> step) % 3 == 0 || !client.Receive())
                        client.Answer();
                }
                if (draw % 7 == 0)
                    client.Settle();
                if (draw % 3 == 0)
                    client.Offer(wanted = Draw(draw));
            }
            client.Settle();
            foreach (var isolated in client.Events.OfType<SessionEvent.Isolated>())
                Assert.That(bad, Does.Contain(Text(isolated.Name, isolated.ContentHash)), "an innocent was blamed");
            foreach (var resource in wanted.Get(typeUrl).Resources.Where(each => !bad.Contains(each.ToString())))
            {
                var applied = client.Applied.GetValueOrDefault(resource.Name);
                Assert.That(applied, Is.EqualTo(resource.ContentHash), $"{resource} {delta}");
            }
            foreach (var (name, hash) in client.Applied)
                Assert.That(bad, Does.Not.Contain(Text(name, hash)));
        });
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(150).WithEndSize(40), property);
    }

    [Test]
    public void OneOfMany_Rejected_IsFoundWithinTheBound(
        [Values(1, 2, 3, 7, 24)] int count, [Values] bool named, [Values] bool partial, [Values] bool held)
    {
        for (var culprit = 0; culprit < count; culprit++)
        {
            var badResource = _resources[culprit][1];
            var client = Client(
                named, partial, (name, hash) => Text(name, hash) == badResource.ToString(), count);
            if (held)
                client.Offer(Of(count, knob: 0));
            client.Settle();
            var before = client.Responses;
            client.Offer(Of(count, knob: 1));
            client.Settle();

            var pushes = client.Responses - before - 1;
            Assert.That(pushes, Is.LessThanOrEqualTo(named ? 1 : CeilingOfLog2(count) + 2));
            var isolated = client.Events.OfType<SessionEvent.Isolated>().Single();
            Assert.That((isolated.Name, isolated.ContentHash), Is.EqualTo((badResource.Name, badResource.ContentHash)));
            var expected = Of(count, knob: 1).Get(typeUrl).Resources.ToDictionary(
                each => each.Name, each => each.ContentHash, StringComparer.Ordinal);
            if (held)
                expected[badResource.Name] = _resources[culprit][0].ContentHash;
            else
                expected.Remove(badResource.Name);
            Assert.That(client.Applied, Is.EquivalentTo(expected));
            client.Offer(Of(count, knob: 2));
            client.Settle();
            Assert.That(
                client.Applied.Values,
                Is.EqualTo(Of(count, knob: 2).Get(typeUrl).Resources.Select(each => each.ContentHash)));
        }
    }

    private PickyClient Client(bool named, bool partial, Func<string, string, bool> isBad, int count = Names)
    {
        string[] names = typeUrl is TypeUrl.Cluster ? [] : [.. Enumerable.Range(0, count).Select(NameOf)];
        return new PickyClient(delta, typeUrl, names, isBad) { NamesCulprits = named, AppliesGoodParts = partial };
    }

    private string Text(string name, string hash) => $"{TypeUrl.FullName(typeUrl)} {name} ({hash})";

    private XdsResource Pick(int draw, int item) =>
        _resources[(draw + (item * 5)) % Names][(draw / Names) % Knobs];

    private ValidatedSnapshot Draw(int draw)
    {
        var random = new System.Random(draw);
        return Validated(_resources.Where(_ => random.Next(4) > 0).Select(knobs => knobs[random.Next(Knobs)]));
    }

    private ValidatedSnapshot Of(int count, int knob) => Validated(_resources.Take(count).Select(each => each[knob]));

    private static ValidatedSnapshot Validated(IEnumerable<XdsResource> resources) =>
        Validator.Validate(Snapshot.Create(resources)).Snapshot ?? throw new AssertionException("it is not valid");

    private static string NameOf(int number) => $"svc-{number}";

    private static int CeilingOfLog2(int count) => count <= 1 ? 0 : 32 - int.LeadingZeroCount(count - 1);

    private static XdsResource Make(string typeUrl, string name, int knob) => typeUrl switch
    {
        TypeUrl.Cluster => TestResources.Cluster(name, knob),
        TypeUrl.RouteConfiguration => TestResources.Route(name, "target", knob),
        _ => TestResources.Endpoints(name, knob),
    };
}
