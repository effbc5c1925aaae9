using System.Globalization;
using Google.Protobuf;
using SelfHeal.UnitTests.Xds.Resources.Descriptors;
using SelfHeal.Xds.Delegation;
using SelfHeal.Xds.Resources;
using static SelfHeal.UnitTests.Xds.TestResources;

namespace SelfHeal.UnitTests.Xds.Delegation;

/// <summary>What carries no overlay leaves a relay as it came, to the last byte.</summary>
[TestFixture(false)]
[TestFixture(true)]
internal sealed class RelayBytesTests(bool isDelta)
{
    private static readonly Dictionary<string, string> Types = new(StringComparer.Ordinal)
    {
        ["clusters"] = TypeUrl.Cluster,
        ["endpoints"] = TypeUrl.ClusterLoadAssignment,
        ["listeners"] = TypeUrl.Listener,
        ["routes"] = TypeUrl.RouteConfiguration,
        ["secrets"] = TypeUrl.Secret,
    };

    /// <summary>
    /// Every file of resources that a real control plane's own tests expect of it, in every form that an encoder may
    /// give an Any.
    /// </summary>
    [Test]
    public void EveryFile_Relayed_IsTheSameBytes()
    {
        if (EnvoyApiSet.Folder is not { } folder)
        {
            Assert.Ignore("needs shared/data/xds in a folder above the checkout");
            return;
        }

        var (files, resources) = (0, 0);
        var unread = new List<string>();
        foreach (var path in Directory.EnumerateFiles(
            Path.Combine(folder, "envoy-gateway"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            if (Path.GetFileName(path).Split('.') is not [.., var kind, _] || !Types.TryGetValue(kind, out var type))
                continue;
            files++;
            var parsed = ResourceFileParser.Parse(
                [new ResourceFile("f", File.ReadAllText(path), type)], EnvoyApiSet.Index);
            if (parsed.Resources.IsEmpty && !parsed.Errors.IsEmpty)
                unread.Add(Path.GetFileName(path));
            var distinct = parsed.Resources.DistinctBy(static each => each.Name, StringComparer.Ordinal).ToArray();
            resources += distinct.Length;
            Relay(type, distinct, Path.GetFileName(path));
        }

        TestContext.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{resources} resources of {files} files; not read: {unread.Count}"));
        Assert.That(files, Is.GreaterThan(1_300), "the data is there");
        Assert.That(unread, Has.Count.LessThan(5), string.Join(", ", unread));
    }

    [Test]
    public void AnyForm_Relayed_IsTheSameBytesAndFoundByItsName()
    {
        foreach (var (form, any) in Forms(Cluster("a")))
        {
            var relay = new RelayHarness(isDelta);
            relay.Ask(TypeUrl.Cluster);

            Assert.That(Give(relay, TypeUrl.Cluster, [("a", any)]), Is.Empty, form);

            var answer = relay.ExpectAndAck(TypeUrl.Cluster);
            Assert.That(answer.Resources.Single().Any, Is.EqualTo(any), form);
            Assert.That(answer.Names, Is.EqualTo(new[] { "a" }), form);
            Assert.That(
                relay.Session.Intended.Get(TypeUrl.Cluster).Find("a")?.ValueBytes.ToArray(),
                Is.EqualTo(Cluster("a").ValueBytes.ToArray()),
                form);
        }
    }

    /// <summary>The content is the same, but it is what the upstream says now.</summary>
    [Test]
    public void OtherFormOfTheSameContent_Relayed_IsSent()
    {
        var forms = Forms(Cluster("a")).ToList();
        var relay = new RelayHarness(isDelta);
        relay.Ask(TypeUrl.Cluster);
        Give(relay, TypeUrl.Cluster, [("a", forms[0].Any)]);
        relay.ExpectAndAck(TypeUrl.Cluster);

        foreach (var (form, any) in forms.Skip(1))
        {
            Give(relay, TypeUrl.Cluster, [("a", any)]);
            Assert.That(relay.ExpectAndAck(TypeUrl.Cluster).Resources.Single().Any, Is.EqualTo(any), form);
        }
    }

    private void Relay(string type, XdsResource[] resources, string file)
    {
        if (resources.Length == 0)
            return;
        foreach (var form in Enumerable.Range(0, Forms(resources[0]).Count()))
        {
            var relay = new RelayHarness(isDelta);
            // Secrets, routes and endpoints are asked for by name.
            var isNamed = type is not (TypeUrl.Cluster or TypeUrl.Listener);
            relay.Ask(type, isNamed ? [.. resources.Select(static each => each.Name)] : []);
            (string Name, ByteString Any)[] given =
                [.. resources.Select(each => (each.Name, Forms(each).ElementAt(form).Any))];

            Assert.That(Give(relay, type, given), Is.Empty, file);

            var answer = relay.ExpectAndAck(type);
            Assert.That(answer.Resources, Is.EquivalentTo(given), file);
            Assert.That(relay.Requests()[^1].IsAck, file);
        }
    }

    private static string Give(RelayHarness relay, string type, (string Name, ByteString Any)[] resources)
    {
        if (!relay.IsDelta)
        {
            return relay.Give(new RelayedResponse
            {
                TypeUrl = type,
                Nonce = "n",
                Resources = { resources.Select(static each => each.Any) },
            });
        }

        return relay.Give(new RelayedDeltaResponse
        {
            TypeUrl = type,
            Nonce = "n",
            Resources =
            {
                resources.Select(static each => new RelayedResource { Name = each.Name, Resource = each.Any }),
            },
        });
    }

    /// <summary>What an encoder may write for one and the same Any, and every decoder reads.</summary>
    private static IEnumerable<(string Form, ByteString Any)> Forms(XdsResource resource)
    {
        var type = ByteString.CopyFromUtf8(resource.TypeUrl);
        var value = ByteString.CopyFrom(resource.ValueBytes.Span);
        var other = ByteString.CopyFromUtf8("other");
        yield return ("canonical", Encoded((1, type), (2, value)));
        yield return ("value first", Encoded((2, value), (1, type)));
        yield return ("unknown fields", Encoded((15, other), (1, type), (3, other), (2, value), (2000, other)));
        yield return ("repeated fields", Encoded((2, other), (1, other), (2, value), (1, type)));
    }

    private static ByteString Encoded(params (int Field, ByteString Content)[] fields)
    {
        using var stream = new MemoryStream();
        using var output = new CodedOutputStream(stream);
        foreach (var (field, content) in fields)
        {
            output.WriteTag(field, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(content);
        }

        output.Flush();
        return ByteString.CopyFrom(stream.ToArray());
    }
}
