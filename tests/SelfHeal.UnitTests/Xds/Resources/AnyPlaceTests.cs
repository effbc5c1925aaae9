using System.Text;
using Envoy.Config.Cluster.V3;
using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.Xds.Resources;

namespace SelfHeal.UnitTests.Xds.Resources;

/// <summary>Read without decoding, and not otherwise than a decoder would.</summary>
internal sealed class AnyPlaceTests
{
    [Test]
    public void Find_BytesThatADecoderTakes_HaveItsTypeAndValue()
    {
        Prop.ForAll(Fields().ToArbitrary(), static any =>
        {
            var decoded = Any.Parser.ParseFrom(any);

            var place = AnyPlace.Find(any);

            Assert.That(place?.TypeUrl ?? "", Is.EqualTo(decoded.TypeUrl));
            if (place is { } found)
            {
                Assert.That(
                    any.AsSpan(found.ValueStart, found.ValueLength).ToArray(), Is.EqualTo(decoded.Value.ToByteArray()));
            }
        }).QuickCheckThrowOnFailure();
    }

    [Test]
    public void Find_AnyBytes_NeverThrowsAndIsStrict()
    {
        Prop.ForAll(ArbMap.Default.GeneratorFor<byte[]>().ToArbitrary(), static bytes =>
        {
            if (AnyPlace.Find(bytes) is { } place)
                Assert.That(Any.Parser.ParseFrom(bytes).TypeUrl, Is.EqualTo(place.TypeUrl));
        }).QuickCheckThrowOnFailure();
    }

    [Test]
    public void Find_Truncated_IsNoneOrTheShorterAny()
    {
        var any = Any.Pack(new Cluster { Name = "a" }).ToByteArray();
        for (var length = 0; length < any.Length; length++)
        {
            var place = AnyPlace.Find(any.AsMemory(0, length));
            // Between the fields it is an Any with a type and no value.
            Assert.That(place is null || place.Value.ValueLength == 0, $"{length} bytes");
        }
    }

    [Test]
    public void Find_WithoutTypeOrWithOneThatIsNoText_IsNone()
    {
        Assert.That(AnyPlace.Find(ReadOnlyMemory<byte>.Empty), Is.Null);
        Assert.That(AnyPlace.Find(new byte[] { 0x12, 0x01, 0x00 }), Is.Null, "a value only");
        Assert.That(AnyPlace.Find(new byte[] { 0x0a, 0x01, 0xff }), Is.Null, "not UTF-8");
        Assert.That(AnyPlace.Find(new byte[] { 0x0a, 0x01, 0x41, 0x0a, 0x00 }), Is.Null, "the last one is empty");
        Assert.That(AnyPlace.Find(new byte[] { 0x0a, 0x01, 0x41 })?.ValueLength, Is.EqualTo(0));
    }

    [Test]
    public void FromAny_AnyForm_KeepsTheBytes()
    {
        Prop.ForAll(Fields().ToArbitrary(), static any =>
        {
            if (XdsResource.FromAny("n", any) is { } resource)
                Assert.That(resource.AnyBytes.ToArray(), Is.EqualTo(any));
            else
                Assert.That(Any.Parser.ParseFrom(any).TypeUrl, Is.Empty);
        }).QuickCheckThrowOnFailure();
    }

    [Test]
    public void Read_NameOfAnyKnownType_IsWhatADecoderReads()
    {
        foreach (var typeUrl in TypeUrl.SendOrder)
        {
            var type = ResourceTypes.Find(TypeUrl.FullName(typeUrl));
            var field = type is null ? null : ResourceNames.Field(type);
            if (type is null || field is null)
            {
                Assert.That(ResourceNames.Read(typeUrl, new byte[] { 0x0a, 0x01, 0x41 }), Is.Empty, typeUrl);
                continue;
            }

            var message = type.Parser.ParseFrom(ByteString.Empty);
            field.Accessor.SetValue(message, "näme");
            Assert.That(field.FieldNumber, Is.EqualTo(1), typeUrl);
            Assert.That(ResourceNames.Read(typeUrl, message.ToByteArray()), Is.EqualTo("näme"), typeUrl);
        }
    }

    [Test]
    public void Read_FieldTwiceOrBroken_LastOneCountsAndBrokenIsNone()
    {
        byte[] twice = [0x0a, 0x01, (byte)'a', 0x10, 0x05, 0x0a, 0x01, (byte)'b'];
        Assert.That(ResourceNames.Read(TypeUrl.Cluster, twice), Is.EqualTo("b"));
        Assert.That(ResourceNames.Read(TypeUrl.Cluster, twice.AsMemory(0, 2)), Is.Null, "cut");
        Assert.That(ResourceNames.Read(TypeUrl.Cluster, new byte[] { 0x0a, 0x01, 0xff }), Is.Null, "not UTF-8");
        Assert.That(ResourceNames.Read(TypeUrl.Cluster, ReadOnlyMemory<byte>.Empty), Is.Empty);
    }

    /// <summary>Fields of an Any in any order and number, and unknown ones between them.</summary>
    private static Gen<byte[]> Fields()
    {
        var text = Gen.Elements("", "t/a", "type.googleapis.com/é").Select(Encoding.UTF8.GetBytes);
        var content = ArbMap.Default.GeneratorFor<byte[]>();
        var field = Gen.OneOf(
            text.Select(static bytes => Delimited(1, bytes)),
            content.Select(static bytes => Delimited(2, bytes)),
            content.Select(static bytes => Delimited(7, bytes)),
            Gen.Choose(0, 1 << 20).Select(static number => Varint(9, number)),
            Gen.Constant<byte[]>([0x1d, 1, 2, 3, 4]),
            Gen.Constant<byte[]>([0x19, 1, 2, 3, 4, 5, 6, 7, 8]));
        return field.ListOf().Select(static fields => fields.SelectMany(static each => each).ToArray());
    }

    private static byte[] Delimited(int field, byte[] content) => Encoded(output =>
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(content));
    });

    private static byte[] Varint(int field, int number) => Encoded(output =>
    {
        output.WriteTag(field, WireFormat.WireType.Varint);
        output.WriteInt32(number);
    });

    private static byte[] Encoded(Action<CodedOutputStream> write)
    {
        using var stream = new MemoryStream();
        using var output = new CodedOutputStream(stream);
        write(output);
        output.Flush();
        return stream.ToArray();
    }
}
