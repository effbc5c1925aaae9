using System.Collections.Immutable;
using System.Text;
using Envoy.Config.Core.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using FsCheck;
using FsCheck.Fluent;
using SelfHeal.Xds.Accepted;
using SelfHeal.Xds.Resources;

namespace SelfHeal.UnitTests.Xds.Accepted;

internal sealed class AcceptedCodecTests
{
    private const string Key = "a-private-key-that-nobody-may-see";

    [Test]
    public void Read_WhatWasWritten_IsTheSame()
    {
        var file = AcceptedCodec.Write(StateKind.Accepted, 7, State());

        var read = AcceptedCodec.Read(StateKind.Accepted, file);

        Assert.That(read, Is.TypeOf<StateReading<AcceptedState>.Read>());
        var (generation, state) = (StateReading<AcceptedState>.Read)read;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(generation, Is.EqualTo(7));
            Assert.That(state.Group, Is.EqualTo("edge/é"));
            Assert.That(state.At, Is.EqualTo(At));
            Assert.That(Describe(state), Is.EqualTo(Describe(State())));
        }
    }

    [Test]
    public void Write_Secret_OnlyNameAndHashAreInTheFile()
    {
        var secret = XdsResource.FromMessage(new Secret
        {
            Name = "tls",
            TlsCertificate = new TlsCertificate { PrivateKey = new DataSource { InlineString = Key } },
        });
        var state = State(AcceptedResource.Of(secret, null));

        var file = AcceptedCodec.Write(StateKind.Accepted, 1, state);

        Assert.That(Encoding.Latin1.GetString(file), Does.Not.Contain(Key).And.Contain(secret.ContentHash));
    }

    [Test]
    public void Read_AnyByteFlipped_IsBroken()
    {
        var file = AcceptedCodec.Write(StateKind.Accepted, 7, State());
        for (var place = 0; place < file.Length; place++)
        {
            var flipped = file.ToArray();
            flipped[place] ^= 0x10;
            Assert.That(
                AcceptedCodec.Read(StateKind.Accepted, flipped),
                Is.TypeOf<StateReading<AcceptedState>.Broken>(),
                $"byte {place}");
        }
    }

    [Test]
    public void Read_CutAnywhere_IsBroken()
    {
        var file = AcceptedCodec.Write(StateKind.Verified, 7, State());
        for (var length = 0; length < file.Length; length++)
        {
            Assert.That(
                AcceptedCodec.Read(StateKind.Verified, file.AsMemory(0, length)),
                Is.TypeOf<StateReading<AcceptedState>.Broken>(),
                $"{length} bytes");
        }
    }

    [Test]
    public void Read_OtherVersionOrKind_SaysSo()
    {
        var file = AcceptedCodec.Write(StateKind.Accepted, 7, State());
        var newer = file.ToArray();
        newer[9] = 2;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Problem(StateKind.Accepted, newer), Does.Contain("version 2, expected 1"));
            Assert.That(Problem(StateKind.Verified, file), Does.Contain("kind 1, expected 2"));
        }
    }

    [Test]
    public void Read_AnyPayloadUnderARightChecksum_NeverThrows()
    {
        var bytes = ArbMap.Default.GeneratorFor<byte[]>();
        Prop.ForAll(bytes.ToArbitrary(), static payload =>
        {
            var file = StateEnvelope.Seal(StateKind.Accepted, 1, payload);
            _ = AcceptedCodec.Read(StateKind.Accepted, file);
            _ = QuarantineCodec.Read(StateEnvelope.Seal(StateKind.Quarantine, 1, payload));
        }).QuickCheckThrowOnFailure();
    }

    [Test]
    public void Read_PayloadCutUnderARightChecksum_IsBroken()
    {
        var file = AcceptedCodec.Write(StateKind.Accepted, 7, State());
        var payload = ((StateReading<ReadOnlyMemory<byte>>.Read)StateEnvelope.Open(StateKind.Accepted, file)).Value;
        for (var length = 0; length < payload.Length; length++)
        {
            var cut = StateEnvelope.Seal(StateKind.Accepted, 7, payload.Span[..length]);
            Assert.That(
                AcceptedCodec.Read(StateKind.Accepted, cut), Is.TypeOf<StateReading<AcceptedState>.Broken>());
        }
    }

    [Test]
    public void Quarantine_WrittenAndRead_KeepsHashesAndNoWords()
    {
        var entry = new QuarantinedContent(
            "edge", TypeUrl.Cluster, "c", "hash", "source", "node-1", "the words of an Envoy", At);

        var file = QuarantineCodec.Write(3, Quarantine.Empty.Add(entry));
        var read = QuarantineCodec.Read(file);

        Assert.That(read, Is.TypeOf<StateReading<Quarantine>.Read>());
        var (generation, quarantine) = (StateReading<Quarantine>.Read)read;
        Assert.That(generation, Is.EqualTo(3));
        Assert.That(quarantine.Entries.Single(), Is.EqualTo(entry with { Message = quarantine.Entries[0].Message }));
        Assert.That(Encoding.Latin1.GetString(file), Does.Not.Contain("words"));
    }

    private static DateTimeOffset At { get; } = DateTimeOffset.FromUnixTimeMilliseconds(1_790_000_000_123);

    private static AcceptedState State(params AcceptedResource[] secrets)
    {
        var types = ImmutableSortedDictionary.Create<string, ImmutableArray<AcceptedResource>>(TypeUrl.Comparer)
            .Add(TypeUrl.Cluster, [
                AcceptedResource.Of(TestResources.Cluster("a"), null),
                AcceptedResource.Of(TestResources.Cluster("b", 2), TestResources.Cluster("b", 3)),
            ])
            .Add("type.googleapis.com/company.Opaque", [new AcceptedResource("withheld", "0123", null, null)]);
        if (secrets.Length > 0)
            types = types.Add(TypeUrl.Secret, [.. secrets]);
        return new AcceptedState("edge/é", At, At.AddMinutes(-1), types);
    }

    private static IEnumerable<string> Describe(AcceptedState state) => state.Types.SelectMany(
        static type => type.Value.Select(each =>
            $"{type.Key} {each.Name} {each.ContentHash} {each.Resource?.ContentHash} {each.Declared?.ContentHash}"));

    private static string Problem(StateKind kind, byte[] file) =>
        AcceptedCodec.Read(kind, file) is StateReading<AcceptedState>.Broken broken ? broken.Problem : "";
}
