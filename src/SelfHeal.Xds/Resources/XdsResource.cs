using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Xds.Resources;

/// <summary>
/// One resource, immutable and encoded once: every stream that gets it shares the same bytes, framed for both variants
/// of the protocol.
/// </summary>
public sealed class XdsResource
{
    private const uint ResourceTag = (2 << 3) | 2;
    private const uint DeltaNameTag = (3 << 3) | 2;
    private const uint DeltaAliasTag = (4 << 3) | 2;
    private const uint DeltaVersionTag = (1 << 3) | 2;
    private const int HashCharacters = 16;

    private readonly byte[] _frame;
    private readonly int _sotwStart;
    private readonly int _anyStart;
    private readonly int _valueStart;
    private readonly int _valueLength;
    private ResourceFacts? _facts;
    private TimedFrames? _timed;

    /// <param name="name">As it was told.</param>
    /// <param name="any">The encoded <c>Any</c>.</param>
    /// <param name="place">What is in it.</param>
    /// <param name="aliases">Sorted.</param>
    /// <param name="ttl">Null: for ever.</param>
    private XdsResource(
        string name, ReadOnlySpan<byte> any, AnyPlace place, ImmutableArray<string> aliases, TimeSpan? ttl)
    {
        TypeUrl = place.TypeUrl;
        Name = XdstpName.Normalize(name);
        Aliases = aliases.IsDefault ? [] : aliases;
        Ttl = ttl;
        ContentHash = Convert.ToHexStringLower(SHA256.HashData(any))[..HashCharacters];

        // Field 2 holds the Any both in DiscoveryResponse and in the delta protocol's Resource, so the SotW frame is
        // the tail of the delta frame, and field order within a message is free.
        var inner = CodedOutputStream.ComputeStringSize(Name) + CodedOutputStream.ComputeStringSize(ContentHash) + 2
            + Aliases.Sum(alias => 1 + CodedOutputStream.ComputeStringSize(alias))
            + 1 + CodedOutputStream.ComputeLengthSize(any.Length) + any.Length;
        _frame = new byte[1 + CodedOutputStream.ComputeLengthSize(inner) + inner];
        var output = new CodedOutputStream(_frame);
        output.WriteTag(ResourceTag);
        output.WriteLength(inner);
        output.WriteTag(DeltaNameTag);
        output.WriteString(Name);
        output.WriteTag(DeltaVersionTag);
        output.WriteString(ContentHash);
        foreach (var alias in Aliases)
        {
            output.WriteTag(DeltaAliasTag);
            output.WriteString(alias);
        }
        _sotwStart = (int)output.Position;
        output.WriteTag(ResourceTag);
        output.WriteLength(any.Length);
        output.Flush();
        Digest = BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(_frame.AsSpan(0, _sotwStart)));
        _anyStart = (int)output.Position;
        any.CopyTo(_frame.AsSpan(_anyStart));
        _valueStart = _anyStart + place.ValueStart;
        _valueLength = place.ValueLength;
    }

    /// <summary>Such as <see cref="Resources.TypeUrl.Cluster"/>.</summary>
    public string TypeUrl { get; }

    /// <summary>The name by which clients subscribe to it.</summary>
    public string Name { get; }

    /// <summary>
    /// The first 16 hexadecimal digits of SHA-256 over the encoded <c>Any</c>; the resource's version in the delta
    /// protocol. Equal on every machine and after every restart.
    /// </summary>
    public string ContentHash { get; }

    /// <summary>
    /// Other names by which clients of the delta protocol may ask for it; the answer carries its name and these.
    /// Sorted ordinally.
    /// </summary>
    public ImmutableArray<string> Aliases { get; }

    /// <summary>
    /// How long a client keeps it without hearing of it again; null: for ever. It is told to clients that announce that
    /// they understand it, and those are reminded in time.
    /// </summary>
    public TimeSpan? Ttl { get; }

    /// <summary>The encoded <c>google.protobuf.Any</c>.</summary>
    public ReadOnlyMemory<byte> AnyBytes => _frame.AsMemory(_anyStart);

    /// <summary>The encoded message within the <c>Any</c>.</summary>
    public ReadOnlyMemory<byte> ValueBytes => _frame.AsMemory(_valueStart, _valueLength);

    /// <summary>
    /// 128 bits of SHA-256 over the name, the content hash and the aliases. The sum of those of a set of resources
    /// identifies it.
    /// </summary>
    internal UInt128 Digest { get; }

    /// <summary>Field 2 of a DiscoveryResponse, with tag and length.</summary>
    internal ReadOnlyMemory<byte> SotwFrame => _frame.AsMemory(_sotwStart);

    /// <summary>Field 2 of a DeltaDiscoveryResponse, with tag and length.</summary>
    internal ReadOnlyMemory<byte> DeltaFrame => _frame;

    /// <summary>
    /// What validation needs to know of the content. It follows from the bytes alone, so a race is harmless.
    /// </summary>
    internal ResourceFacts Facts => _facts ??= ResourceFacts.Of(this);

    /// <summary>
    /// A resource from a message of the Envoy API; its name is read from the field that its type keeps it in.
    /// </summary>
    /// <param name="message">Not kept.</param>
    public static XdsResource FromMessage(IMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return FromBytes(
            Resources.TypeUrl.Prefix + message.Descriptor.FullName, ResourceNames.Of(message), message.ToByteArray());
    }

    /// <summary>A resource from bytes; nothing is decoded and the bytes are kept as they are.</summary>
    /// <param name="typeUrl">Any type, known or not.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="value">The encoded message (not the <c>Any</c> around it).</param>
    public static XdsResource FromBytes(string typeUrl, string name, ReadOnlySpan<byte> value)
    {
        ArgumentException.ThrowIfNullOrEmpty(typeUrl);
        ArgumentNullException.ThrowIfNull(name);
        var any = new Any { TypeUrl = typeUrl, Value = ByteString.CopyFrom(value) }.ToByteArray();
        return new XdsResource(
            name, any, new AnyPlace(typeUrl, any.Length - value.Length, value.Length), [], ttl: null);
    }

    /// <summary>A resource from an encoded <c>Any</c>, whose bytes stay as they are.</summary>
    /// <param name="name">The resource's name.</param>
    /// <param name="any">The encoded <c>Any</c>.</param>
    /// <param name="aliases">Other names, in any order.</param>
    /// <param name="ttl">Greater than zero; null: for ever.</param>
    /// <returns>Null for bytes that are no <c>Any</c>, and for one that names no type.</returns>
    public static XdsResource? FromAny(
        string name, ReadOnlyMemory<byte> any, IEnumerable<string>? aliases = null, TimeSpan? ttl = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        return AnyPlace.Find(any) is { } place
            ? new XdsResource(name, any.Span, place, Sorted(aliases ?? []), ttl)
            : null;
    }

    /// <summary>Whether a client that holds one need not be sent the other.</summary>
    /// <param name="other">Any resource.</param>
    internal bool HasContentOf(XdsResource other) => ReferenceEquals(this, other)
        || (string.Equals(Name, other.Name, StringComparison.Ordinal)
            && string.Equals(ContentHash, other.ContentHash, StringComparison.Ordinal)
            && string.Equals(TypeUrl, other.TypeUrl, StringComparison.Ordinal)
            && Ttl == other.Ttl
            && Aliases.AsSpan().SequenceEqual(other.Aliases.AsSpan()));

    /// <summary>Whether clients may call it by this name.</summary>
    internal bool IsCalled(string name) => string.Equals(Name, name, StringComparison.Ordinal)
        || Aliases.Contains(name, StringComparer.Ordinal);

    /// <summary>What is sent of it.</summary>
    /// <param name="isDelta">The variant.</param>
    /// <param name="usesTtl">Whether the client understands a time to live.</param>
    /// <param name="isHeartbeat">Whether it has the content and is only told to keep it.</param>
    internal ReadOnlyMemory<byte> Frame(bool isDelta, bool usesTtl, bool isHeartbeat)
    {
        if (Ttl is null || !usesTtl)
            return isDelta ? DeltaFrame : SotwFrame;
        _timed ??= new TimedFrames(this);
        return _timed.Get(isDelta, isHeartbeat);
    }

    /// <summary>The same resource under other names too.</summary>
    /// <param name="aliases">In any order; replaces those that it has.</param>
    public XdsResource WithAliases(IEnumerable<string> aliases) =>
        new(Name, AnyBytes.Span, Place, Sorted(aliases), Ttl);

    /// <summary>The same resource with another time to live.</summary>
    /// <param name="ttl">Greater than zero; null: for ever.</param>
    public XdsResource WithTtl(TimeSpan? ttl)
    {
        if (ttl is { } time)
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(time, TimeSpan.Zero, nameof(ttl));
        return new XdsResource(Name, AnyBytes.Span, Place, Aliases, ttl);
    }

    /// <summary>The message, decoded anew at each call; unknown fields are kept in it.</summary>
    /// <returns>Null for a type that the API does not know and for bytes that are no such message.</returns>
    public IMessage? Decode()
    {
        var type = ResourceTypes.Find(Resources.TypeUrl.FullName(TypeUrl));
        return type is null ? null : ResourceTypes.Parse(type, ValueBytes.Span);
    }

    private AnyPlace Place => new(TypeUrl, _valueStart - _anyStart, _valueLength);

    private static ImmutableArray<string> Sorted(IEnumerable<string> aliases) =>
        [.. aliases.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <inheritdoc/>
    public override string ToString() => $"{Resources.TypeUrl.FullName(TypeUrl)} {Name} ({ContentHash})";
}
