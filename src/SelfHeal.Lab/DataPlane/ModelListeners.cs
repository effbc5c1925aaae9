using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SelfHeal.Lab.Upstream;

namespace SelfHeal.Lab.DataPlane;

/// <summary>
/// Binds the addresses that LDS names, each with a Kestrel of its own. A listener whose address stays is not touched by
/// an update; one that vanished is closed.
/// </summary>
internal sealed class ModelListeners(ModelResources resources, ModelProxy proxy)
{
    /// <summary>One is enough: the loop reads the newest configuration, so a second signal says nothing new.</summary>
    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private volatile ImmutableDictionary<string, WebApplication> _bound =
        ImmutableDictionary.Create<string, WebApplication>(StringComparer.Ordinal);

    /// <summary>Where requests go in; null before the first listener has bound and holds routes.</summary>
    public Uri? Address
    {
        get
        {
            var held = resources.Current;
            var ready = held.HttpListeners()
                .FirstOrDefault(listener => _bound.ContainsKey(Key(listener)) && held.Routes(listener) is not null);
            return ready is null ? null : new Uri("http://" + Key(ready));
        }
    }

    /// <summary>Called after every accepted response.</summary>
    public void OnChanged() => _changed.Writer.TryWrite(true);

    /// <summary>Runs until it is cancelled; then everything is closed.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var _ in _changed.Reader.ReadAllAsync(cancellationToken))
                await BindAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The model ends.
        }
        finally
        {
            foreach (var server in _bound.Values)
                await server.DisposeAsync();
        }
    }

    private static string Key(ModelHttpListener listener) =>
        string.Create(CultureInfo.InvariantCulture, $"{listener.Address}:{listener.Port}");

    private async Task BindAsync(CancellationToken cancellationToken)
    {
        var wanted = resources.Current.HttpListeners().ToDictionary(Key, StringComparer.Ordinal);
        foreach (var (key, server) in _bound)
        {
            if (wanted.ContainsKey(key))
                continue;
            _bound = _bound.Remove(key);
            await server.DisposeAsync();
        }

        foreach (var (key, listener) in wanted)
        {
            if (_bound.ContainsKey(key))
                continue;
            var server = Create(key, listener);
            await server.StartAsync(cancellationToken);
            _bound = _bound.Add(key, server);
        }
    }

    private WebApplication Create(string key, ModelHttpListener listener)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IHostLifetime, LabHostLifetime>();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(
            IPAddress.Parse(listener.Address), listener.Port, listen => listen.Protocols = HttpProtocols.Http1));
        var server = builder.Build();

        // The listener is looked up at each request: an update may have changed its routes or its prefix.
        server.Run(context => proxy.HandleAsync(Current(key) ?? listener, context));
        return server;
    }

    private ModelHttpListener? Current(string key) => resources.Current.HttpListeners()
        .FirstOrDefault(listener => string.Equals(Key(listener), key, StringComparison.Ordinal));
}
