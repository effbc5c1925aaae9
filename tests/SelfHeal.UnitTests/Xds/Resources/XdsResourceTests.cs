using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Sessions;

namespace SelfHeal.UnitTests.Xds.Resources;

public sealed class XdsResourceTests
{
    [Test]
    public void FromBytes_AnyValue_IsTheSameAnyAsUpstreams()
    {
        byte[] value = [0xfa, 0x7f, 0x01, 0x07];
        var upstream = new Any { TypeUrl = TypeUrl.Listener, Value = ByteString.CopyFrom(value) };
        var resource = XdsResource.FromBytes(TypeUrl.Listener, "l", value);
        Assert.That(resource.AnyBytes.ToArray(), Is.EqualTo(upstream.ToByteArray()));
        Assert.That(resource.ValueBytes.ToArray(), Is.EqualTo(value));
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(127)]
    [TestCase(128)]
    [TestCase(20_000)]
    public void Frames_AnyLength_DecodeInBothVariants(int length)
    {
        var resource = XdsResource.FromBytes(TypeUrl.Secret, "näme", new byte[length]);
        var held = ClientContents.Empty(TypeUrl.Secret);
        var plan = new ResponsePlan([resource], ["gone"], held, null, "v");
        var sotw = ResponseEncoder.Sotw(TypeUrl.Secret, "n", "id", plan, usesTtl: false);
        var delta = ResponseEncoder.Delta(TypeUrl.Secret, "n", "id", plan, usesTtl: false);
        var sotwMessage = DiscoveryResponse.Parser.ParseFrom(sotw.ToArray());
        var deltaMessage = DeltaDiscoveryResponse.Parser.ParseFrom(delta.ToArray());
        Assert.Multiple(() =>
        {
            Assert.That(sotwMessage.Resources.Single().Value.Length, Is.EqualTo(length));
            Assert.That((sotwMessage.VersionInfo, sotwMessage.Nonce), Is.EqualTo(("v", "n")));
            Assert.That(deltaMessage.Resources.Single().Resource_, Is.EqualTo(sotwMessage.Resources.Single()));
            Assert.That(deltaMessage.Resources.Single().Name, Is.EqualTo("näme"));
            Assert.That(deltaMessage.Resources.Single().Version, Is.EqualTo(resource.ContentHash));
            Assert.That(deltaMessage.RemovedResources, Is.EqualTo(new[] { "gone" }));
            Assert.That(deltaMessage.ControlPlane.Identifier, Is.EqualTo("id"));
        });
    }

    [Test]
    public void Responses_ToManyStreams_ShareTheBytes()
    {
        var snapshot = TestResources.Snapshot([.. TestResources.Service("a"), .. TestResources.Service("b")]);
        var segments = new List<ReadOnlyMemory<byte>>();
        // The first is given the resources' own frames, the others one piece for all of them.
        for (var stream = 0; stream < 3; stream++)
        {
            var session = new AdsSession(new SessionOptions { StreamId = $"{stream}" });
            session.OnSnapshot(snapshot);
            session.OnRequest(new DiscoveryRequest
            {
                TypeUrl = TypeUrl.Cluster,
                Node = new Envoy.Config.Core.V3.Node { Id = "n" },
            });
            Assert.That(session.TryTakeResponse(out var response));
            segments.Add(response?.Segments[1] ?? default);
        }
        Assert.That(segments[1].Equals(segments[2]), "both streams are given one piece of memory");
    }
}
