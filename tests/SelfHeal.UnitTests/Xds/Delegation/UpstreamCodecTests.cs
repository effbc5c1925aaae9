using System.Collections.Immutable;
using System.Text;
using Envoy.Config.Core.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using FsCheck;
using FsCheck.Fluent;
using SelfHeal.Xds.Accepted;
using SelfHeal.Xds.Delegation;
using SelfHeal.Xds.Resources;
using static SelfHeal.UnitTests.Xds.TestResources;

namespace SelfHeal.UnitTests.Xds.Delegation;

internal sealed class UpstreamCodecTests
{
    private const string Key = "a-private-key-that-nobody-may-see";
    private const string Private = TypeUrl.Prefix + "company.Private";

    private static DateTimeOffset At { get; } = DateTimeOffset.FromUnixTimeMilliseconds(1_790_000_000_123);

    [Test]
    public void Read_AnyContentsThatWereWritten_AreTheSame()
    {
        var text = Gen.Elements("", "a", "é", "xdstp://a/t/id?b=1&a=2", "name with spaces\n");
        var resource =
            from name in text
            from version in text
            from value in ArbMap.Default.GeneratorFor<byte[]>()
            from aliases in text.ListOf()
            from ttl in Gen.Elements<TimeSpan?>(null, TimeSpan.FromTicks(1), TimeSpan.FromDays(3650))
            select (Name: name, Version: version, Value: value, Aliases: aliases, Ttl: ttl);
        var type =
            from typeUrl in Gen.Elements(TypeUrl.Cluster, TypeUrl.Runtime, Private)
            from version in text
            from resources in resource.ListOf()
            select (typeUrl, new UpstreamTypeContents(version,
                [
                    .. resources.Select(each => new UpstreamResource(
                        XdsResource.FromBytes(typeUrl, each.Name, each.Value).WithAliases(each.Aliases)
                            .WithTtl(each.Ttl),
                        each.Version)),
                ]));
        Prop.ForAll(type.ListOf().ToArbitrary(), static types =>
        {
            var contents = Contents([.. types.DistinctBy(static each => each.typeUrl, StringComparer.Ordinal)]);

            var read = UpstreamCodec.Read(UpstreamCodec.Write(9, "node-é", At, contents), "node-é");

            Assert.That(read, Is.TypeOf<StateReading<UpstreamContents>.Read>());
            var (generation, value) = (StateReading<UpstreamContents>.Read)read;
            Assert.That(generation, Is.EqualTo(9));
            Assert.That(Describe(value), Is.EqualTo(Describe(contents)));
        }).QuickCheckThrowOnFailure();
    }

    [Test]
    public void Read_OfAnotherNode_IsBroken()
    {
        var read = UpstreamCodec.Read(File(), "node-2");

        Assert.That(read, Is.EqualTo(new StateReading<UpstreamContents>.Broken("it is of another node than 'node-2'")));
    }

    [Test]
    public void Read_CutAnywhere_IsBroken()
    {
        var file = File();
        for (var length = 0; length < file.Length; length++)
            Assert.That(IsBroken(file.AsMemory(0, length)), $"{length} bytes");
    }

    [Test]
    public void Read_AnyByteFlipped_IsBroken()
    {
        var file = File();
        for (var place = 0; place < file.Length; place++)
        {
            var flipped = file.ToArray();
            flipped[place] ^= 0x10;
            Assert.That(IsBroken(flipped), $"byte {place}");
        }
    }

    /// <summary>A defect of another version of ours, with a checksum that fits.</summary>
    [Test]
    public void Read_PayloadCutOrLongerUnderARightChecksum_IsBroken()
    {
        var payload = Payload();
        for (var length = 0; length < payload.Length; length++)
            Assert.That(IsBroken(Seal(payload.AsSpan(0, length))), $"{length} bytes");
        Assert.That(IsBroken(Seal([.. payload, 0])));
        Assert.That(IsBroken(Seal(payload)), Is.False);
    }

    [Test]
    public void Read_AnyPayloadUnderARightChecksum_NeverThrows()
    {
        var payload = Payload();
        for (var place = 0; place < payload.Length; place++)
        {
            foreach (var bit in new[] { 0x01, 0x80 })
            {
                var flipped = payload.ToArray();
                flipped[place] ^= (byte)bit;
                _ = UpstreamCodec.Read(Seal(flipped), "node-1");
            }
        }

        Prop.ForAll(ArbMap.Default.GeneratorFor<byte[]>().ToArbitrary(), static bytes =>
        {
            _ = UpstreamCodec.Read(Seal(bytes), "");
            _ = UpstreamCodec.Read(Seal([0, 0, 0, 0, 0, 0, 0, 0, .. bytes]), "");
        }).QuickCheckThrowOnFailure();
    }

    [Test]
    public void Read_FileOfAnotherKind_IsBroken() =>
        Assert.That(IsBroken(StateEnvelope.Seal(StateKind.Accepted, 1, Payload())));

    [Test]
    public void WithoutSecrets_SecretsAndWhatMayHoldOne_AreLeftOut()
    {
        var contents = Contents(
            (TypeUrl.Cluster, Of(Cluster("a"))),
            (TypeUrl.ExtensionConfig, Of(XdsResource.FromBytes(TypeUrl.ExtensionConfig, "e", [0xff]))),
            (TypeUrl.RouteConfiguration, Of(Route("r", "a"))),
            (TypeUrl.Secret, Of(Secret())),
            (Private, Of(XdsResource.FromBytes(Private, "p", [1]))));

        var kept = UpstreamCodec.WithoutSecrets(contents, out var withheld);

        Assert.That(withheld, Is.Empty);
        Assert.That(kept?.Types.Where(static type => !type.Value.Resources.IsEmpty).Select(static type => type.Key),
            Is.EqualTo(new[] { TypeUrl.Cluster, TypeUrl.RouteConfiguration }));
        Assert.That(kept?.Types.Keys, Does.Not.Contain(TypeUrl.Secret));
        var file = Encoding.Latin1.GetString(UpstreamCodec.Write(1, "n", At, kept ?? contents));
        Assert.That(file, Does.Not.Contain(Key));
    }

    /// <summary>A client takes what is absent from such a set for deleted.</summary>
    [Test]
    public void WithoutSecrets_ClusterThatMayHoldOne_NothingIsKeptAndItIsNamed()
    {
        var unknown = XdsResource.FromBytes(TypeUrl.Cluster, "b", [0xff]);
        var contents = Contents((TypeUrl.Cluster, Of(Cluster("a"), unknown)));

        var kept = UpstreamCodec.WithoutSecrets(contents, out var withheld);

        Assert.That(kept, Is.Null);
        Assert.That(withheld, Is.EqualTo(
            "envoy.config.cluster.v3.Cluster 'b': its content is not known, so it may hold a secret"));
    }

    private static XdsResource Secret() => XdsResource.FromMessage(new Secret
    {
        Name = "tls",
        TlsCertificate = new TlsCertificate { PrivateKey = new DataSource { InlineString = Key } },
    });

    private static byte[] File() => UpstreamCodec.Write(7, "node-1", At, Sample());

    private static byte[] Payload() =>
        ((StateReading<ReadOnlyMemory<byte>>.Read)StateEnvelope.Open(StateKind.Upstream, File())).Value.ToArray();

    private static byte[] Seal(ReadOnlySpan<byte> payload) => StateEnvelope.Seal(StateKind.Upstream, 7, payload);

    private static bool IsBroken(ReadOnlyMemory<byte> file) =>
        UpstreamCodec.Read(file, "node-1") is StateReading<UpstreamContents>.Broken;

    private static UpstreamContents Sample() => Contents(
        (TypeUrl.Cluster, new UpstreamTypeContents("v", [
            new UpstreamResource(Cluster("a").WithAliases(["b"]).WithTtl(TimeSpan.FromSeconds(3)), "1"),
            new UpstreamResource(Cluster("c"), ""),
        ])),
        (Private, Of(XdsResource.FromBytes(Private, "p", [1, 2, 3]))));

    private static UpstreamTypeContents Of(params XdsResource[] resources) =>
        new("", [.. resources.Select(static each => new UpstreamResource(each, ""))]);

    private static UpstreamContents Contents(params (string Type, UpstreamTypeContents Contents)[] types) => new(
        types.ToImmutableSortedDictionary(static each => each.Type, static each => each.Contents, TypeUrl.Comparer));

    private static IEnumerable<string> Describe(UpstreamContents contents) => contents.Types.SelectMany(
        static type => type.Value.Resources.Select(each => $"{type.Key} {type.Value.Version} {each.Version} "
            + $"{each.Resource} {string.Join(',', each.Resource.Aliases)} {each.Resource.Ttl}")
            .Prepend($"{type.Key} {type.Value.Version}"));
}
