using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using SelfHeal.Benchmarks.XdsLoad;
using SelfHeal.Grpc;
using SelfHeal.Xds.Resources;

namespace SelfHeal.Benchmarks.Servers;

/// <summary>
/// <c>xds-yardstick PORT CONTROLPORT CLUSTERS</c>: what any server on Kestrel can do at best. It knows nothing of the
/// protocol: the first bytes of a stream are answered with all clusters, a change is the same prepared bytes written to
/// every stream, and whatever else a client sends is thrown away.
/// </summary>
internal sealed class XdsYardstick
{
    private readonly ConcurrentDictionary<long, (PipeWriter Writer, bool IsDelta)> _streams = new();
    private readonly byte[] _full;
    private readonly byte[] _fullDelta;
    private readonly byte[] _oneDelta;
    private long _lastId;

    private XdsYardstick(int clusters)
    {
        var resources = Enumerable.Range(0, clusters).Select(static i => XdsWorkload.Cluster(i, 0)).ToArray();
        var full = new DiscoveryResponse { TypeUrl = TypeUrl.Cluster, VersionInfo = "0123456789abcdef", Nonce = "n.1" };
        full.Resources.AddRange(resources.Select(static r => Any.Parser.ParseFrom(r.AnyBytes.Span)));
        _full = Framed(full);
        _fullDelta = Framed(Delta(resources));
        _oneDelta = Framed(Delta([resources[0]]));
    }

    public static async Task<int> RunAsync(string port, string controlPort, string clusters)
    {
        var yardstick = new XdsYardstick(int.Parse(clusters, CultureInfo.InvariantCulture));
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ConfigureGrpcLimits().ListenGrpc(new GrpcEndpointOptions
        {
            Address = new IPEndPoint(IPAddress.Loopback, int.Parse(port, CultureInfo.InvariantCulture)),
        }));
        await using var server = builder.Build();
        server.Run(yardstick.ServeAsync);
        await using var control = await ControlServer.StartAsync(controlPort, () => yardstick.Push);
        await server.RunAsync();
        return 0;
    }

    private static DeltaDiscoveryResponse Delta(IEnumerable<XdsResource> resources)
    {
        var delta = new DeltaDiscoveryResponse { TypeUrl = TypeUrl.Cluster, Nonce = "n.1" };
        delta.Resources.AddRange(resources.Select(static r => new Resource
        {
            Name = r.Name,
            Version = r.ContentHash,
            Resource_ = Any.Parser.ParseFrom(r.AnyBytes.Span),
        }));
        return delta;
    }

    private static byte[] Framed(IMessage message)
    {
        var size = message.CalculateSize();
        var framed = new byte[5 + size];
        BinaryPrimitives.WriteInt32BigEndian(framed.AsSpan(1), size);
        message.WriteTo(framed.AsSpan(5));
        return framed;
    }

    private void Push()
    {
        foreach (var (writer, isDelta) in _streams.Values)
            _ = WriteAsync(writer, isDelta ? _oneDelta : _full);
    }

    private async Task ServeAsync(HttpContext context)
    {
        var id = Interlocked.Increment(ref _lastId);
        var path = context.Request.Path.Value ?? "";
        var isDelta = path.EndsWith("DeltaAggregatedResources", StringComparison.Ordinal);
        context.Response.ContentType = "application/grpc";
        var writer = context.Response.BodyWriter;
        var reader = context.Request.BodyReader;
        try
        {
            reader.AdvanceTo((await reader.ReadAsync(context.RequestAborted)).Buffer.End);
            await WriteAsync(writer, isDelta ? _fullDelta : _full);
            _streams.TryAdd(id, (writer, isDelta));
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
        finally
        {
            _streams.TryRemove(id, out _);
        }
    }

    private static async Task WriteAsync(PipeWriter writer, byte[] bytes) => await writer.WriteAsync(bytes);
}
