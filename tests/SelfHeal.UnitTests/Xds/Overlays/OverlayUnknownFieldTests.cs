using Envoy.Config.Route.V3;
using Google.Protobuf;
using SelfHeal.Core.Remediation;
using SelfHeal.Xds.Overlays;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;
using static SelfHeal.UnitTests.Xds.Overlays.TestOverlays;

namespace SelfHeal.UnitTests.Xds.Overlays;

/// <summary>
/// Fields that this API does not know, of a newer Envoy or of a private extension, at every depth of a resource under
/// an overlay.
/// </summary>
internal sealed class OverlayUnknownFieldTests
{
    private static IEnumerable<TestCaseData> Cases()
    {
        yield return Case("named-route", Weights(
            "o", "payments-routes", "payments", "checkout", ("payments-v1", 1), ("payments-v2", 99)));
        yield return Case("retry-route", Retry(
            "o", "payments-routes", "payments", "checkout", new RetryLimits { Retries = 0 }));
        yield return Case("endpoint-weights", EndpointWeights("o", "payments", ("10.0.0.1:80", 3)));
        yield return Case("locality-priorities", LocalityPriorities(
            "o", "payments", new LocalityPriority(Locality("eu", "b"), 1)));
        yield return Case("runtime-merged", Runtime("o", "rtds", "payments", new BreakerSettings { MaxRequests = 3 }));
        yield return Case("circuit-breakers", Breakers("o", "payments", new BreakerSettings { MaxRequests = 3 }));
        yield return Case("outlier-detection", Outliers("o", "payments", new OutlierSettings { Consecutive5xx = 3 }));

        static TestCaseData Case(string name, Overlay overlay) =>
            new TestCaseData(name, overlay).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Cases))]
    public void Apply_UnknownFieldsInEveryMessage_AllSurvive(string name, Overlay overlay)
    {
        var known = Read(name, overlay);
        var message = known.Decode()!; // Read has decoded it.
        var number = 0;
        var depth = 0;
        var marked = Mark(message, 1, ref number, ref depth);
        Assert.That(number, Is.GreaterThan(3));
        Assert.That(depth, Is.GreaterThan(2));

        var before = Unknown(marked);
        Assert.That(before, Has.Count.EqualTo(number));
        var result = Apply(XdsResource.FromBytes(known.TypeUrl, known.Name, marked.ToByteArray()), overlay);

        Assert.That(result.Errors, Is.Empty);
        Assert.That(result.Resource!.ValueBytes.ToArray(), Is.Not.EqualTo(marked.ToByteArray()));
        Assert.That(Unknown(result.Resource.Decode()!), Is.SupersetOf(before)); // Laid, so it decodes.
    }

    /// <summary>The encoder is canonical on what it wrote itself: what the overlay does not touch keeps its bytes.
    /// </summary>
    [Test]
    public void Apply_PartsThatAreNotTouched_AreTheSameBytes()
    {
        var overlay = Weights("o", "payments-routes", "payments", "checkout", ("payments-v1", 1), ("payments-v2", 99));
        var before = (RouteConfiguration)Read("named-route", overlay).Decode()!; // Read has decoded it.
        var after = (RouteConfiguration)Apply(Read("named-route", overlay), overlay).Resource!.Decode()!; // As above.

        var (health, checkout) = (after.VirtualHosts[0].Routes[0], after.VirtualHosts[0].Routes[1]);
        Assert.That(health.ToByteArray(), Is.EqualTo(before.VirtualHosts[0].Routes[0].ToByteArray()));
        Assert.That(
            checkout.TypedPerFilterConfig.Single().Value.ToByteArray(),
            Is.EqualTo(before.VirtualHosts[0].Routes[1].TypedPerFilterConfig.Single().Value.ToByteArray()));
        foreach (var (place, weight) in new[] { (0, 90u), (1, 10u) })
            checkout.Route_.WeightedClusters.Clusters[place].Weight = weight;
        Assert.That(after.ToByteArray(), Is.EqualTo(before.ToByteArray()), "nothing but the weights");
    }

    private static XdsResource Read(string name, Overlay overlay)
    {
        var path = Path.Combine(TestContext.CurrentContext.TestDirectory, "Golden", "Overlay", $"{name}.in.yaml");
        var parsed = ResourceFileParser.Parse([new ResourceFile(name, File.ReadAllText(path))]);
        Assert.That(parsed.Errors, Is.Empty);
        return parsed.Resources.Single(resource => resource.Name == overlay.Resource);
    }

    private static OverlayResult Apply(XdsResource resource, Overlay overlay)
    {
        XdsResource[] others = resource.TypeUrl == TypeUrl.Cluster ? [] : [TestResources.Cluster("payments")];
        return OverlayTranslator.Apply(
            new ValidatedSnapshot(Snapshot.Create([resource, .. others])),
            resource.TypeUrl,
            resource.Name,
            [overlay]);
    }

    /// <summary>The message with one more unknown field in each message within it, each with bytes of its own.
    /// </summary>
    private static IMessage Mark(IMessage message, int level, ref int number, ref int depth)
    {
        depth = Math.Max(depth, level);
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            // Wrappers that C# shows as plain values have no message of their own to put a field into.
            if (field.FieldType != Google.Protobuf.Reflection.FieldType.Message)
                continue;
            if (field.IsMap)
            {
                var map = (System.Collections.IDictionary)field.Accessor.GetValue(message);
                foreach (var key in map.Keys.Cast<object>().ToList())
                {
                    if (map[key] is IMessage value)
                        map[key] = Mark(value, level + 1, ref number, ref depth);
                }
            }
            else if (field.IsRepeated)
            {
                var list = (System.Collections.IList)field.Accessor.GetValue(message);
                for (var index = 0; index < list.Count; index++)
                    list[index] = Mark((IMessage)list[index]!, level + 1, ref number, ref depth); // Holds no nulls.
            }
            else if (field.Accessor.GetValue(message) is IMessage part)
                field.Accessor.SetValue(message, Mark(part, level + 1, ref number, ref depth));
        }

        number++;
        byte[] unknown = [0xfa, 0x7f, 0x02, 0x5a, (byte)number]; // Field 2047, two bytes.
        return message.Descriptor.Parser.ParseFrom([.. message.ToByteArray(), .. unknown]);
    }

    /// <summary>Every marking in a message, found in its bytes.</summary>
    private static List<int> Unknown(IMessage message)
    {
        var found = new List<int>();
        var bytes = message.ToByteArray().AsSpan();
        for (var place = 0; place + 4 < bytes.Length; place++)
        {
            if (bytes[place..(place + 4)].SequenceEqual((ReadOnlySpan<byte>)[0xfa, 0x7f, 0x02, 0x5a]))
                found.Add(bytes[place + 4]);
        }

        return found;
    }
}
