using System.Net;
using System.Net.Sockets;

namespace SelfHeal.FunctionalTests.Conformance;

/// <summary>Accepts connections and says nothing, until it is told to.</summary>
internal sealed class MutePeer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly TaskCompletionSource _mayAnswer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _accepting;

    public MutePeer()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Sends the byte that a health check waits for, on every connection.</summary>
    public void Answer() => _mayAnswer.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        _mayAnswer.TrySetCanceled();
        await _accepting.DefaultTimeout();
    }

    private async Task AcceptAsync()
    {
        var answering = new List<Task>();
        try
        {
            while (true)
                answering.Add(AnswerAsync(await _listener.AcceptSocketAsync()));
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(answering); // The test is over.
        }
    }

    private async Task AnswerAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                await _mayAnswer.Task;
                await socket.SendAsync(new byte[] { 1 });
                await socket.ReceiveAsync(new byte[16]);
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException)
            {
                // The other end has gone, or the test is over.
            }
        }
    }
}
