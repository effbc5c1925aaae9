using System.Buffers.Binary;
using System.Globalization;
using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using SelfHeal.Xds.Resources;

namespace SelfHeal.Benchmarks.XdsLoad;

/// <summary>The gRPC messages that load clients send. Made once, or for ACKs in one buffer, by one thread.</summary>
internal sealed class XdsRequests
{
    private const int HeaderLength = 5;

    private readonly bool _isDelta;

    // The names of all endpoints as fields of a request: the state of the world repeats them in each.
    private readonly byte[] _names;

    private readonly byte[] _answer;

    public XdsRequests(bool isDelta, int clusters)
    {
        _isDelta = isDelta;
        var named = new DiscoveryRequest();
        named.ResourceNames.AddRange(Enumerable.Range(0, clusters).Select(XdsWorkload.NameOf));
        _names = isDelta ? [] : named.ToByteArray();
        _answer = new byte[_names.Length + 1024];
        Endpoints = isDelta
            ? Framed(new DeltaDiscoveryRequest
            {
                TypeUrl = TypeUrl.ClusterLoadAssignment,
                ResourceNamesSubscribe = { named.ResourceNames },
            })
            : Framed(new DiscoveryRequest(named) { TypeUrl = TypeUrl.ClusterLoadAssignment });
    }

    /// <summary>The method.</summary>
    public string Path => "/envoy.service.discovery.v3.AggregatedDiscoveryService/"
        + (_isDelta ? "DeltaAggregatedResources" : "StreamAggregatedResources");

    /// <summary>The subscription to the endpoints of all clusters.</summary>
    public byte[] Endpoints { get; }

    /// <summary>The first request of a stream: who it is, and all clusters.</summary>
    public byte[] First(int index)
    {
        var node = new Node
        {
            Id = string.Create(CultureInfo.InvariantCulture, $"load-{index:D5}"),
            Cluster = "load",
        };
        return _isDelta
            ? Framed(new DeltaDiscoveryRequest { Node = node, TypeUrl = TypeUrl.Cluster })
            : Framed(new DiscoveryRequest { Node = node, TypeUrl = TypeUrl.Cluster });
    }

    /// <summary>The ACK of a response; valid until the next call.</summary>
    public ReadOnlySpan<byte> Answer(DiscoveryScanner response, bool isAboutEndpoints)
    {
        // Fields of DeltaDiscoveryRequest: type 2, nonce 6. Of DiscoveryRequest: version 1, names 3, type 4, nonce 5.
        var end = HeaderLength;
        if (_isDelta)
        {
            end = Put(end, 2, response.TypeUrl);
            end = Put(end, 6, response.Nonce);
        }
        else
        {
            end = Put(end, 1, response.Version);
            if (isAboutEndpoints)
            {
                _names.CopyTo(_answer, end);
                end += _names.Length;
            }

            end = Put(end, 4, response.TypeUrl);
            end = Put(end, 5, response.Nonce);
        }

        _answer[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(_answer.AsSpan(1), end - HeaderLength);
        return _answer.AsSpan(0, end);
    }

    private static byte[] Framed(IMessage message)
    {
        var framed = new byte[HeaderLength + message.CalculateSize()];
        BinaryPrimitives.WriteInt32BigEndian(framed.AsSpan(1), framed.Length - HeaderLength);
        message.WriteTo(framed.AsSpan(HeaderLength));
        return framed;
    }

    private int Put(int offset, int field, ReadOnlySpan<byte> text)
    {
        if (text.Length >= 0x80)
            throw new InvalidOperationException($"a text of {text.Length} bytes; expected less than 128");
        _answer[offset++] = (byte)((field << 3) | 2);
        _answer[offset++] = (byte)text.Length;
        text.CopyTo(_answer.AsSpan(offset));
        return offset + text.Length;
    }
}
