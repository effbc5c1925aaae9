using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.Core.Time;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Resources.Descriptors;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.UnitTests.Xds.Resources;

/// <summary>Whatever bytes come from outside, reading them gives a value and no exception.</summary>
public sealed class DamagedBytesTests
{
    private const int Runs = 20_000;

    private static readonly Cluster Sample = new()
    {
        Name = "a",
        ConnectTimeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(5)),
        PerConnectionBufferLimitBytes = 70_000,
        CircuitBreakers = new CircuitBreakers
        {
            Thresholds = { new CircuitBreakers.Types.Thresholds { MaxRequests = 300, TrackRemaining = true } },
        },
        TypedExtensionProtocolOptions =
        {
            ["x"] = Any.Pack(
                new TypedExtensionConfig { Name = "y", TypedConfig = Any.Pack(new StringValue { Value = "z" }) }),
        },
        UpstreamConnectionOptions = new UpstreamConnectionOptions
        {
            TcpKeepalive = new TcpKeepalive { KeepaliveProbes = 3, KeepaliveTime = 400, KeepaliveInterval = 5 },
        },
    };

    [Test]
    public void Decode_WrapperWithoutItsEnd_IsNull()
    {
        // Tag and length of a wrapper, of which the field's tag alone is there.
        byte[] bytes = [0x0A, 0x01, 0x61, 0x2A, 0x02, 0x08];
        Assert.That(XdsResource.FromBytes(TypeUrl.Cluster, "a", bytes).Decode(), Is.Null);
    }

    [Test]
    public void Decode_CutAtEveryByte_IsReadOrNull()
    {
        var whole = Sample.ToByteArray();
        for (var length = 0; length < whole.Length; length++)
            Look(TypeUrl.Cluster, whole.AsSpan(0, length));
    }

    [Test]
    public void Visit_AnyWithoutItsEnd_IsVisitedItself()
    {
        var whole = Sample.ToByteArray();
        for (var length = 0; length < whole.Length; length++)
        {
            var any = new Any { TypeUrl = TypeUrl.Cluster, Value = ByteString.CopyFrom(whole, 0, length) };
            var listener = new Listener { Name = "l", ListenerFilters = { new ListenerFilter { TypedConfig = any } } };
            Look(TypeUrl.Listener, listener.ToByteArray());
        }
    }

    [Test]
    public void Visit_AnysNestedWithoutEnd_AreBoundedAndTold()
    {
        var any = Any.Pack(new StringValue { Value = "z" });
        for (var depth = 0; depth < 5_000; depth++)
            any = Any.Pack(new TypedExtensionConfig { Name = "y", TypedConfig = any });
        var cluster = new Cluster { Name = "a", TypedExtensionProtocolOptions = { ["x"] = any } };
        var validation = Look(TypeUrl.Cluster, cluster.ToByteArray());
        Assert.That(validation.Errors.Single().Message, Does.Contain("nests deeper"));
    }

    [Test]
    public void Decode_MutatedBytes_AreReadOrRefused()
    {
        var random = new SeededRandomSource(5);
        var whole = Sample.ToByteArray();
        var read = 0;
        for (var run = 0; run < Runs; run++)
        {
            var bytes = (byte[])whole.Clone();
            for (var mutation = random.NextInt32(4); mutation >= 0; mutation--)
                bytes[random.NextInt32(bytes.Length)] = (byte)random.NextInt32(256);
            read += Look(TypeUrl.Cluster, bytes.AsSpan(0, 1 + random.NextInt32(bytes.Length))).Snapshot is null ? 0 : 1;
        }
        Assert.That(read, Is.InRange(Runs / 100, Runs - (Runs / 20)), "some are clusters, and some are not");
    }

    private static SnapshotValidation Look(string typeUrl, ReadOnlySpan<byte> bytes)
    {
        var resource = XdsResource.FromBytes(typeUrl, "a", bytes);
        _ = resource.Decode();
        _ = ResourceJson.Format(resource);
        var options = new SnapshotValidatorOptions { Types = DescriptorIndex.Pinned };
        return new SnapshotValidator(options).Validate(Snapshot.Create([resource]));
    }
}
