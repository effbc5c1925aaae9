using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.Lab.DataPlane;

namespace SelfHeal.FunctionalTests.Lab.DataPlane;

/// <summary>What cannot be read is answered with a NACK.</summary>
internal sealed class ResourceDecoderTests
{
    [Test]
    public void Decode_WrapperWithoutItsEnd_IsTheTextOfANack()
    {
        // A cluster whose wrapper holds a tag and nothing behind it.
        var any = new Any
        {
            TypeUrl = ModelTypeUrl.Of(ModelResourceType.Cluster),
            Value = ByteString.CopyFrom(0x0A, 0x01, 0x61, 0x2A, 0x02, 0x08),
        };
        for (var length = 1; length <= any.Value.Length; length++)
        {
            var cut = new Any { TypeUrl = any.TypeUrl, Value = ByteString.CopyFrom(any.Value.Span[..length]) };
            ResourceDecoder.Decode(ModelResourceType.Cluster, cut, "1", new ModelFaults(), out var error);
            if (length != 3)
                Assert.That(error, Does.StartWith("Unable to unpack"), $"{length} bytes");
        }
    }
}
