using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using SelfHeal.Benchmarks.Servers;
using SelfHeal.Grpc;
using SelfHeal.Xds.Resources;

namespace SelfHeal.Benchmarks.Delegation;

/// <summary>
/// <c>relay-upstream PORT CONTROLPORT</c>: an upstream that costs as little as it can. It knows nothing of the
/// protocol: the first bytes of a stream are answered with one cluster, a push is prepared bytes of one of two contents
/// in turns, and whatever else a client sends is thrown away. Relays tell themselves apart by naming their program.
/// </summary>
internal sealed class RelayUpstream
{
    public const string Relayed = "relayed";
    public const string Direct = "direct";

    private readonly ConcurrentDictionary<string, Stream> _streams = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(RelayShape Shape, bool IsDelta, bool IsOdd), byte[]> _messages = new();

    public static async Task<int> RunAsync(string port, string controlPort)
    {
        var upstream = new RelayUpstream();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureGrpcLimits().ListenGrpc(new GrpcEndpointOptions
        {
            Address = new IPEndPoint(IPAddress.Loopback, int.Parse(port, CultureInfo.InvariantCulture)),
        }));
        await using var server = builder.Build();
        server.Run(upstream.ServeAsync);
        await using var control = await ControlServer.StartAsync(controlPort, upstream.Prepare);
        await server.RunAsync();
        return 0;
    }

    private Action Prepare(IQueryCollection query)
    {
        var stream = _streams[query["to"].ToString()];
        var shape = new RelayShape(Number("clusters"), Number("endpoints"), Number("changed"));
        stream.IsOdd = !stream.IsOdd;
        var message = Message(shape, stream.IsDelta, stream.IsOdd);
        return () => _ = WriteAsync(stream.Writer, message);

        int Number(string name) => int.Parse(query[name].ToString(), CultureInfo.InvariantCulture);
    }

    private byte[] Message(RelayShape shape, bool isDelta, bool isOdd) => _messages.GetOrAdd(
        (shape, isDelta, isOdd), static key => Make(key.Shape, key.IsDelta, key.IsOdd ? "odd" : "even"));

    private static byte[] Make(RelayShape shape, bool isDelta, string version)
    {
        var clusters = Enumerable.Range(0, shape.Clusters)
            .Select(i => MakeCluster(i, shape.Endpoints, i < shape.Changed ? version : "same"));
        if (!isDelta)
        {
            var whole = new DiscoveryResponse { TypeUrl = TypeUrl.Cluster, VersionInfo = version, Nonce = version };
            whole.Resources.AddRange(clusters.Select(AsAny));
            return Framed(whole);
        }

        var delta = new DeltaDiscoveryResponse { TypeUrl = TypeUrl.Cluster, Nonce = version };
        delta.Resources.AddRange(
            clusters.Select(static cluster => new Resource { Name = cluster.Name, Resource_ = AsAny(cluster) }));
        return Framed(delta);
    }

    private static Any AsAny(Cluster cluster) =>
        new() { TypeUrl = TypeUrl.Cluster, Value = cluster.ToByteString() };

    private static Cluster MakeCluster(int index, int endpoints, string version)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"outbound|8080||app-{index:D4}.shop.svc.cluster.local");
        var locality = new LocalityLbEndpoints();
        for (var i = 0; i < endpoints; i++)
        {
            var address = string.Create(
                CultureInfo.InvariantCulture, $"10.{i / 62_500 % 250}.{i / 250 % 250}.{1 + (i % 250)}");
            locality.LbEndpoints.Add(new LbEndpoint
            {
                Endpoint = new Envoy.Config.Endpoint.V3.Endpoint
                {
                    Address = new Address { SocketAddress = new() { Address = address, PortValue = 8080 } },
                },
            });
        }

        return new Cluster
        {
            Name = name,
            AltStatName = $"{name};{version}",
            Type = Cluster.Types.DiscoveryType.Static,
            ConnectTimeout = new Duration { Seconds = 1 },
            LoadAssignment = new ClusterLoadAssignment { ClusterName = name, Endpoints = { locality } },
        };
    }

    private static byte[] Framed(IMessage message)
    {
        var size = message.CalculateSize();
        var framed = new byte[5 + size];
        BinaryPrimitives.WriteInt32BigEndian(framed.AsSpan(1), size);
        message.WriteTo(framed.AsSpan(5));
        return framed;
    }

    private async Task ServeAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        var isDelta = path.EndsWith("DeltaAggregatedResources", StringComparison.Ordinal);
        context.Response.ContentType = "application/grpc";
        var reader = context.Request.BodyReader;
        try
        {
            reader.AdvanceTo((await reader.ReadAsync(context.RequestAborted)).Buffer.End);
            var stream = new Stream(context.Response.BodyWriter, isDelta);
            await WriteAsync(stream.Writer, Message(new RelayShape(1, 1, 1), isDelta, isOdd: false));
            _streams[context.Request.Headers.UserAgent.Count > 0 ? Relayed : Direct] = stream;
            while (true)
            {
                var read = await reader.ReadAsync(context.RequestAborted);
                reader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                    return;
            }
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
            // The client has gone, which is how every run ends.
        }
    }

    private static async Task WriteAsync(PipeWriter writer, byte[] bytes) => await writer.WriteAsync(bytes);

    private sealed record Stream(PipeWriter Writer, bool IsDelta)
    {
        public bool IsOdd { get; set; }
    }
}
