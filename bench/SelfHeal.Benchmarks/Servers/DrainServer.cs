using System.Buffers;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using SelfHeal.Grpc;

namespace SelfHeal.Benchmarks.Servers;

/// <summary>
/// <c>drain PORT ADMINPORT</c>: the upper bound of any receiver on this server. It takes messages off the socket and
/// reads nothing of them.
/// </summary>
internal static class DrainServer
{
    private static long _messages;

    public static async Task<int> RunAsync(string port, string adminPort)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ConfigureGrpcLimits().ListenGrpc(new GrpcEndpointOptions { Address = Loopback(port) });
            kestrel.Listen(Loopback(adminPort), static listen => listen.Protocols = HttpProtocols.Http1);
        });
        await using var server = builder.Build();
        server.MapGet("/stats", static context =>
            context.Response.WriteAsync(Volatile.Read(ref _messages).ToString(CultureInfo.InvariantCulture)));
        server.MapGrpc(new GrpcService("envoy.service.metrics.v3.MetricsService").Raw(
            "StreamMetrics",
            static _ => new Handler(),
            new GrpcServiceOptions { MaxReceiveMessageBytes = 64 * 1024 * 1024 }));
        await server.RunAsync();
        return 0;
    }

    private static IPEndPoint Loopback(string port) =>
        new(IPAddress.Loopback, int.Parse(port, CultureInfo.InvariantCulture));

    private sealed class Handler : IGrpcRawHandler
    {
        public void OnMessageStart(int length)
        {
            // Nothing is kept of it.
        }

        public GrpcStatus? OnPart(ReadOnlySequence<byte> part, bool end)
        {
            if (end)
                Interlocked.Increment(ref _messages);
            return null;
        }

        public ReadOnlyMemory<byte> Complete() => default;

        public void OnEnd(GrpcStatus status)
        {
            // Counted message by message.
        }
    }
}
