using System.Net;
using System.Net.Sockets;

namespace SelfHeal.Benchmarks.Delegation;

/// <summary>
/// A wire between Envoy and its control plane that passes every byte on and knows which resources came. Its figures may
/// be read by any thread.
/// </summary>
internal sealed class ResponseTap : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly int _serverPort;
    private readonly TappedResources _resources;
    private Task _accepting = Task.CompletedTask;

    private ResponseTap(int serverPort, bool isDelta)
    {
        _serverPort = serverPort;
        _resources = new TappedResources(isDelta);
    }

    /// <summary>What Envoy connects to.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Begins to listen.</summary>
    /// <param name="serverPort">Of the control plane.</param>
    /// <param name="isDelta">The variant that Envoy speaks.</param>
    public static ResponseTap Start(int serverPort, bool isDelta)
    {
        var tap = new ResponseTap(serverPort, isDelta);
        tap._listener.Start();
        tap._accepting = tap.AcceptAsync();
        return tap;
    }

    /// <summary>What came so far.</summary>
    public TappedCount Count() => _resources.Count();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var passing = new List<Task>();
        try
        {
            while (true)
                passing.Add(PassAsync(await _listener.AcceptSocketAsync(_stop.Token)));
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException)
        {
            await Task.WhenAll(passing);
        }
    }

    private async Task PassAsync(Socket client)
    {
        using (client)
        using (var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            client.NoDelay = server.NoDelay = true;
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _serverPort, _stop.Token);
                var scanner = new GrpcFrameScanner(_resources.Take);
                await Task.WhenAny(
                    CopyAsync(client, server, static _ => { }), CopyAsync(server, client, scanner.Take));
            }
            catch (Exception error) when (error is OperationCanceledException or SocketException)
            {
                // Either side has gone: so does the other.
            }
        }
    }

    private async Task CopyAsync(Socket from, Socket to, Action<ReadOnlyMemory<byte>> onBytes)
    {
        var buffer = new byte[256 * 1024];
        while (await from.ReceiveAsync(buffer, _stop.Token) is var count && count > 0)
        {
            await to.SendAsync(buffer.AsMemory(0, count), _stop.Token);
            onBytes(buffer.AsMemory(0, count));
        }
    }
}
