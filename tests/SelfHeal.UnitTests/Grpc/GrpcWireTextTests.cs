using FsCheck;
using FsCheck.Fluent;
using SelfHeal.Grpc;
using SelfHeal.Grpc.Wire;

namespace SelfHeal.UnitTests.Grpc;

/// <summary>grpc-message, grpc-timeout, metadata and content types.</summary>
internal sealed class GrpcWireTextTests
{
    [TestCase("", "")]
    [TestCase("plain text!", "plain text!")]
    [TestCase("100 %", "100 %25")]
    [TestCase("a\nb", "a%0Ab")]
    [TestCase("ü🚀", "%C3%BC%F0%9F%9A%80")]
    public void Encode_Text_AsTheProtocolSays(string text, string encoded)
    {
        Assert.Multiple(() =>
        {
            Assert.That(GrpcMessageText.Encode(text), Is.EqualTo(encoded));
            Assert.That(GrpcMessageText.Decode(encoded), Is.EqualTo(text));
        });
    }

    [TestCase("50%", "50%")]
    [TestCase("%4", "%4")]
    [TestCase("%zz%41", "%zzA")]
    [TestCase("ü%41", "üA")]
    public void Decode_InvalidEscape_StaysAsItIs(string encoded, string text) =>
        Assert.That(GrpcMessageText.Decode(encoded), Is.EqualTo(text));

    [Test]
    public void Encode_AnyText_ComesBack()
    {
        var property = Prop.ForAll<string>(text =>
        {
            // A lone surrogate is no character; it is replaced.
            var valid = new string((text ?? "").Where(c => !char.IsSurrogate(c)).ToArray());
            return string.Equals(GrpcMessageText.Decode(GrpcMessageText.Encode(valid)), valid,
                StringComparison.Ordinal);
        });
        Check.One(Config.QuickThrowOnFailure, property);
    }

    [Test]
    public void Encode_LongText_CutBetweenCharacters()
    {
        var encoded = GrpcMessageText.Encode(new string('漢', 10_000));
        Assert.Multiple(() =>
        {
            Assert.That(encoded, Has.Length.LessThanOrEqualTo(4096));
            Assert.That(GrpcMessageText.Decode(encoded), Is.EqualTo(new string('漢', 455)));
        });
    }

    [TestCase("1H", 3_600_000)]
    [TestCase("2M", 120_000)]
    [TestCase("3S", 3_000)]
    [TestCase("99999999m", 99_999_999)]
    [TestCase("5000u", 5)]
    [TestCase("1000000n", 1)]
    [TestCase("0m", 0)]
    public void TryParse_Timeout_AllUnits(string text, int milliseconds)
    {
        Assert.That(GrpcTimeout.TryParse(text, out var timeout), Is.True);
        Assert.That(timeout, Is.EqualTo(TimeSpan.FromMilliseconds(milliseconds)));
    }

    [TestCase("")]
    [TestCase("S")]
    [TestCase("10")]
    [TestCase("100000000S")]
    [TestCase("-1S")]
    [TestCase("+1S")]
    [TestCase(" 1S")]
    [TestCase("1.5S")]
    [TestCase("1s")]
    [TestCase("1SS")]
    public void TryParse_MalformedTimeout_False(string text) =>
        Assert.That(GrpcTimeout.TryParse(text, out _), Is.False);

    [Test]
    public void TryParse_LongestTimeout_DoesNotOverflow()
    {
        Assert.That(GrpcTimeout.TryParse("99999999H", out var timeout), Is.True);
        Assert.That(timeout.TotalHours, Is.EqualTo(99_999_999));
    }

    [Test]
    public void Format_AnyTimeout_NeverShorterAndParses()
    {
        var property = Prop.ForAll<long>(ticks =>
        {
            var timeout = new TimeSpan(Math.Abs(ticks % TimeSpan.FromDays(4_000_000).Ticks));
            return GrpcTimeout.TryParse(GrpcTimeout.Format(timeout), out var parsed)
                && parsed >= timeout
                && parsed.Ticks - timeout.Ticks <= timeout.Ticks / 1_000_000 * 2 + 1;
        });
        Check.One(Config.QuickThrowOnFailure, property);
    }

    [TestCase("application/grpc", true)]
    [TestCase("application/grpc+proto", true)]
    [TestCase("Application/GRPC; charset=utf-8", true)]
    [TestCase("application/grpc-web", false)]
    [TestCase("application/grpc+json", false)]
    [TestCase("application/json", false)]
    [TestCase(null, false)]
    public void IsGrpcContentType_Value_OnlyOurs(string? contentType, bool expected) =>
        Assert.That(GrpcHeaderNames.IsGrpcContentType(contentType), Is.EqualTo(expected));

    [TestCase("AAH+/w==")]
    [TestCase("AAH+/w")]
    public void AddReceived_BinaryWithAndWithoutPadding_Decoded(string value)
    {
        var metadata = new GrpcMetadata();
        GrpcMetadataWire.AddReceived(metadata, "X-Blob-Bin", value);
        Assert.That(metadata.GetBytes("x-blob-bin")?.ToArray(), Is.EqualTo(new byte[] { 0, 1, 254, 255 }));
    }

    [Test]
    public void AddReceived_JoinedBinaries_SplitInOrder()
    {
        var metadata = new GrpcMetadata();
        GrpcMetadataWire.AddReceived(metadata, "x-bin", "AQ, Ag==,!!,Aw");
        Assert.That(metadata.GetAll("x-bin").Select(e => e.Bytes.Span[0]), Is.EqualTo(new byte[] { 1, 2, 3 }));
    }

    [Test]
    public void AddReceived_ReservedName_PassedOver()
    {
        var metadata = new GrpcMetadata();
        foreach (var name in new[] { "te", "grpc-timeout", ":path", "Content-Type", "grpc-encoding" })
            GrpcMetadataWire.AddReceived(metadata, name, "x");
        Assert.That(metadata, Is.Empty);
    }

    [TestCase("Upper", "x")]
    [TestCase("", "x")]
    [TestCase("a b", "x")]
    [TestCase("grpc-status", "0")]
    [TestCase("x-bin", "text")]
    [TestCase("x", "line\nbreak")]
    [TestCase("x", "ü")]
    public void Add_WhatMayNotGoOnTheWire_Throws(string key, string value) =>
        Assert.Throws<ArgumentException>(() => new GrpcMetadata().Add(key, value));

    [TestCase("identity,deflate,gzip", true)]
    [TestCase("gzip", true)]
    [TestCase("deflate, gzip ", true)]
    [TestCase("gzipped", false)]
    [TestCase(null, false)]
    public void AcceptsGzip_List_ExactNameOnly(string? list, bool expected) =>
        Assert.That(GrpcHeaderNames.AcceptsGzip(list), Is.EqualTo(expected));
}
