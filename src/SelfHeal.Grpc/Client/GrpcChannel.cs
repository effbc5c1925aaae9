using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using SelfHeal.Grpc.Wire;

namespace SelfHeal.Grpc;

/// <summary>
/// Calls to one server over HTTP/2. A connection is made by the first call and made again when it is lost; calls are
/// never repeated. Safe for use by several threads at once.
/// </summary>
public sealed class GrpcChannel : IDisposable
{
    private readonly TimeProvider _timeProvider;
    private readonly GrpcChannelOptions _options;
    private readonly HttpMessageInvoker _http;
    private readonly Uri _base;

    /// <summary>Prepares a channel; connects later.</summary>
    /// <param name="timeProvider">The clock of deadlines.</param>
    /// <param name="address"><c>http://host:port</c>, <c>https://host:port</c> or <c>unix:/path</c>.</param>
    /// <param name="options">Null means the defaults.</param>
    /// <exception cref="ArgumentException">The address is none of these.</exception>
    public GrpcChannel(TimeProvider timeProvider, string address, GrpcChannelOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(timeProvider);
        ArgumentException.ThrowIfNullOrEmpty(address);
        _timeProvider = timeProvider;
        _options = options ?? new GrpcChannelOptions();
        var handler = MakeHandler(_options);
        if (address.StartsWith("unix:", StringComparison.Ordinal))
        {
            var endPoint = new UnixDomainSocketEndPoint(address["unix:".Length..]);
            handler.ConnectCallback = (_, cancellationToken) => ConnectUnixAsync(endPoint, cancellationToken);
            // The authority of a Unix socket is "localhost" by convention of other implementations.
            _base = new Uri("http://localhost");
        }
        else if (Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https")
        {
            _base = uri;
            if (_options.ServerName is { } serverName)
            {
                // The handler checks the certificate against the host of the address, so the host becomes the name
                // and the connection is made to where the address said.
                _base = new UriBuilder(uri) { Host = serverName }.Uri;
                var endPoint = new DnsEndPoint(uri.IdnHost, uri.Port);
                handler.ConnectCallback = (_, cancellationToken) => ConnectTcpAsync(endPoint, cancellationToken);
            }
        }
        else
        {
            handler.Dispose();
            throw new ArgumentException($"'{address}' is not an http, https or unix address", nameof(address));
        }
        _http = new HttpMessageInvoker(handler, disposeHandler: true);
    }

    /// <summary>Makes a call with one request and one response.</summary>
    /// <param name="method">Full name of the method: <c>package.Service/Method</c>.</param>
    /// <param name="request">The request.</param>
    /// <param name="parser">Parser of the response.</param>
    /// <param name="options">Null means the defaults.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="GrpcException">The call ended with another status than OK.</exception>
    public async Task<TRes> UnaryAsync<TReq, TRes>(
        string method,
        TReq request,
        MessageParser<TRes> parser,
        GrpcCallOptions? options = null,
        CancellationToken cancellationToken = default)
        where TReq : class, IMessage<TReq>
        where TRes : class, IMessage<TRes>
    {
        using var call = Start(method, parser, options, cancellationToken);
        await SendSingleAsync(call, request);
        return await call.ReadSingleAsync();
    }

    /// <summary>Makes a call with one request and a stream of responses.</summary>
    /// <inheritdoc cref="UnaryAsync"/>
    public GrpcServerStreamingCall<TRes> ServerStreaming<TReq, TRes>(
        string method,
        TReq request,
        MessageParser<TRes> parser,
        GrpcCallOptions? options = null,
        CancellationToken cancellationToken = default)
        where TReq : class, IMessage<TReq>
        where TRes : class, IMessage<TRes>
    {
        var call = Start(method, parser, options, cancellationToken);
        // Not awaited: a failure to send ends the call, and its status is read from the response.
        _ = SendSingleAsync(call, request);
        return new GrpcServerStreamingCall<TRes>(call);
    }

    /// <summary>Makes a call with a stream of requests and one response.</summary>
    /// <param name="method">Full name of the method: <c>package.Service/Method</c>.</param>
    /// <param name="parser">Parser of the response.</param>
    /// <param name="options">Null means the defaults.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public GrpcClientStreamingCall<TReq, TRes> ClientStreaming<TReq, TRes>(
        string method,
        MessageParser<TRes> parser,
        GrpcCallOptions? options = null,
        CancellationToken cancellationToken = default)
        where TReq : class, IMessage<TReq>
        where TRes : class, IMessage<TRes> =>
        new(Start(method, parser, options, cancellationToken));

    /// <summary>Makes a call with a stream each way.</summary>
    /// <inheritdoc cref="ClientStreaming"/>
    public GrpcDuplexCall<TReq, TRes> Duplex<TReq, TRes>(
        string method,
        MessageParser<TRes> parser,
        GrpcCallOptions? options = null,
        CancellationToken cancellationToken = default)
        where TReq : class, IMessage<TReq>
        where TRes : class, IMessage<TRes> =>
        new(Start(method, parser, options, cancellationToken));

    /// <summary>Closes the connections; live calls fail.</summary>
    public void Dispose() => _http.Dispose();

    private GrpcClientCall<TRes> Start<TRes>(
        string method, MessageParser<TRes> parser, GrpcCallOptions? options, CancellationToken cancellationToken)
        where TRes : class, IMessage<TRes>
    {
        ArgumentException.ThrowIfNullOrEmpty(method);
        ArgumentNullException.ThrowIfNull(parser);
        var uri = new Uri(_base, "/" + method.TrimStart('/'));
        return new GrpcClientCall<TRes>(
            _timeProvider, _http, uri, parser, _options, options ?? GrpcCallOptions.Default, cancellationToken);
    }

    private static async Task SendSingleAsync<TReq, TRes>(GrpcClientCall<TRes> call, TReq request)
        where TReq : class, IMessage<TReq>
        where TRes : class, IMessage<TRes>
    {
        try
        {
            await call.WriteAsync((writer, token) => writer.WriteAsync(request, token), CancellationToken.None);
            await call.CompleteAsync(CancellationToken.None);
        }
        catch (GrpcException exception) when (exception.InnerException is not null)
        {
            // The connection failed; the response says so, or says better.
        }
        catch (GrpcException exception)
        {
            call.FailToSend(exception.Status);
        }
        catch (Exception exception)
        {
            // A message that cannot be encoded; without this the response would be waited for in vain.
            call.FailToSend(new(GrpcStatusCode.Internal, $"the request cannot be sent: {exception.Message}"));
        }
    }

    private static SocketsHttpHandler MakeHandler(GrpcChannelOptions options)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = options.ConnectTimeout,
            // When a server's limit of streams is reached, another connection is better than a queue.
            EnableMultipleHttp2Connections = true,
            InitialHttp2StreamWindowSize = options.InitialStreamWindowBytes,
            KeepAlivePingDelay = options.KeepAlivePingDelay,
            KeepAlivePingTimeout = options.KeepAlivePingTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            UseCookies = false,
            UseProxy = false,
        };
        var ssl = handler.SslOptions;
        if (options.ClientCertificate is { } certificate)
            ssl.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate();
        if (options.ServerAuthorities is { } authorities)
            ssl.RemoteCertificateValidationCallback = (_, server, chain, errors) =>
                server is X509Certificate2 presented
                && GrpcCertificates.IsTrusted(presented, chain, errors, authorities, GrpcCertificates.ServerUsage);
        return handler;
    }

    private static ValueTask<Stream> ConnectUnixAsync(EndPoint endPoint, CancellationToken cancellationToken) =>
        ConnectAsync(
            new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified), endPoint, cancellationToken);

    private static ValueTask<Stream> ConnectTcpAsync(EndPoint endPoint, CancellationToken cancellationToken) =>
        ConnectAsync(
            new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }, endPoint, cancellationToken);

    private static async ValueTask<Stream> ConnectAsync(
        Socket socket, EndPoint endPoint, CancellationToken cancellationToken)
    {
        try
        {
            await socket.ConnectAsync(endPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
