using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace SelfHeal.Benchmarks.Servers;

/// <summary>
/// The control port of a server under measurement: <c>POST /bump?type=cds</c> changes one resource and says when,
/// <c>GET /stats</c> answers when the server is ready. The go-control-plane server that is the peer has the same.
/// </summary>
internal static class ControlServer
{
    /// <summary>Starts it.</summary>
    /// <param name="port">On loopback.</param>
    /// <param name="prepare">Changes one resource, without serving it; the result serves it.</param>
    public static Task<WebApplication> StartAsync(string port, Func<Action> prepare) =>
        StartAsync(port, _ => prepare());

    /// <summary>Starts it.</summary>
    /// <param name="port">On loopback.</param>
    /// <param name="prepare">The same, by the query of the request.</param>
    public static async Task<WebApplication> StartAsync(string port, Func<IQueryCollection, Action> prepare)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(
            new IPEndPoint(IPAddress.Loopback, int.Parse(port, CultureInfo.InvariantCulture)),
            static listen => listen.Protocols = HttpProtocols.Http1));
        var server = builder.Build();
        server.MapGet("/stats", static context => context.Response.WriteAsync("{}\n"));
        server.MapPost("/bump", context =>
        {
            var bump = prepare(context.Request.Query);
            var changed = (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
            var start = TimeProvider.System.GetTimestamp();
            bump();
            var spent = (long)TimeProvider.System.GetElapsedTime(start).TotalNanoseconds;
            return context.Response.WriteAsync(string.Create(
                CultureInfo.InvariantCulture, $"{{\"t0_unix_ns\":{changed},\"bump_ns\":{spent}}}\n"));
        });
        await server.StartAsync();
        return server;
    }
}
