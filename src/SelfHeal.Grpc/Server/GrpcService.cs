using Google.Protobuf;
using SelfHeal.Grpc.Wire;

namespace SelfHeal.Grpc;

/// <summary>
/// A service made of methods; build it once, then give it to
/// <see cref="GrpcEndpointRouteBuilderExtensions.MapGrpc"/>. A handler ends its call by returning, by throwing
/// <see cref="GrpcException"/> (its status is sent) or by failing (INTERNAL is sent and the failure is logged).
/// </summary>
public sealed class GrpcService
{
    private readonly GrpcServiceOptions _options;
    private readonly List<GrpcMethod> _methods = [];

    /// <summary>Starts a service without methods.</summary>
    /// <param name="name">Full name, such as <c>grpc.health.v1.Health</c>.</param>
    /// <param name="options">Limits of its methods; null means the defaults.</param>
    /// <exception cref="ArgumentException">The name is not made of letters, digits, <c>_</c> and <c>.</c>.</exception>
    public GrpcService(string name, GrpcServiceOptions? options = null)
    {
        CheckName(name, nameof(name), dots: true);
        Name = name;
        _options = (options ?? GrpcServiceOptions.Default).Validate();
    }

    /// <summary>Full name of the service.</summary>
    public string Name { get; }

    internal IReadOnlyList<GrpcMethod> Methods => _methods;

    /// <summary>Adds a method with one request and one response.</summary>
    /// <param name="name">Name of the method.</param>
    /// <param name="parser">Parser of requests.</param>
    /// <param name="handler">Answers one call.</param>
    /// <param name="options">Limits of this method; null means those of the service.</param>
    public GrpcService Unary<TReq, TRes>(
        string name,
        MessageParser<TReq> parser,
        Func<TReq, GrpcCall, ValueTask<TRes>> handler,
        GrpcServiceOptions? options = null)
        where TReq : class, IMessage<TReq>
        where TRes : class, IMessage<TRes>
    {
        CheckHandler(parser, handler);
        return Add(name, options, async call =>
        {
            var request = await ReadSingleAsync(call, parser);
            await new GrpcResponseWriter<TRes>(call).WriteAsync(await handler(request, call), CancellationToken.None);
        });
    }

    /// <summary>Adds a method with one request and a stream of responses.</summary>
    /// <inheritdoc cref="Unary"/>
    public GrpcService ServerStreaming<TReq, TRes>(
        string name,
        MessageParser<TReq> parser,
        Func<TReq, GrpcResponseWriter<TRes>, GrpcCall, Task> handler,
        GrpcServiceOptions? options = null)
        where TReq : class, IMessage<TReq>
        where TRes : class, IMessage<TRes>
    {
        CheckHandler(parser, handler);
        return Add(name, options, async call =>
        {
            var request = await ReadSingleAsync(call, parser);
            await handler(request, new GrpcResponseWriter<TRes>(call), call);
        });
    }

    /// <summary>Adds a method with a stream of requests and one response.</summary>
    /// <inheritdoc cref="Unary"/>
    public GrpcService ClientStreaming<TReq, TRes>(
        string name,
        MessageParser<TReq> parser,
        Func<GrpcRequestReader<TReq>, GrpcCall, ValueTask<TRes>> handler,
        GrpcServiceOptions? options = null)
        where TReq : class, IMessage<TReq>
        where TRes : class, IMessage<TRes>
    {
        CheckHandler(parser, handler);
        return Add(name, options, async call =>
        {
            var response = await handler(new GrpcRequestReader<TReq>(call, parser), call);
            await new GrpcResponseWriter<TRes>(call).WriteAsync(response, CancellationToken.None);
        });
    }

    /// <summary>Adds a method with a stream each way.</summary>
    /// <inheritdoc cref="Unary"/>
    public GrpcService Duplex<TReq, TRes>(
        string name,
        MessageParser<TReq> parser,
        Func<GrpcRequestReader<TReq>, GrpcResponseWriter<TRes>, GrpcCall, Task> handler,
        GrpcServiceOptions? options = null)
        where TReq : class, IMessage<TReq>
        where TRes : class, IMessage<TRes>
    {
        CheckHandler(parser, handler);
        return Add(name, options, call =>
            handler(new GrpcRequestReader<TReq>(call, parser), new GrpcResponseWriter<TRes>(call), call));
    }

    /// <summary>
    /// Adds a method with a stream of requests and one response whose bytes go to a handler as they arrive, without
    /// message objects and without keeping a message whole.
    /// </summary>
    /// <param name="name">Name of the method.</param>
    /// <param name="handler">Makes the handler of one call.</param>
    /// <param name="options">Limits of this method; null means those of the service.</param>
    public GrpcService Raw(string name, Func<GrpcCall, IGrpcRawHandler> handler, GrpcServiceOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Add(name, options, call => GrpcRawPump.RunAsync(call, handler(call)));
    }

    private GrpcService Add(string name, GrpcServiceOptions? options, Func<GrpcCall, Task> run)
    {
        CheckName(name, nameof(name), dots: false);
        if (_methods.Exists(m => string.Equals(m.Name, name, StringComparison.Ordinal)))
            throw new ArgumentException($"method '{name}' is there already", nameof(name));
        _methods.Add(new GrpcMethod(Name, name, (options ?? _options).Validate(), run));
        return this;
    }

    private static void CheckHandler(object parser, object handler)
    {
        ArgumentNullException.ThrowIfNull(parser);
        ArgumentNullException.ThrowIfNull(handler);
    }

    private static void CheckName(string name, string argument, bool dots)
    {
        ArgumentException.ThrowIfNullOrEmpty(name, argument);
        foreach (var c in name)
            if (!(char.IsAsciiLetterOrDigit(c) || c == '_' || dots && c == '.'))
                throw new ArgumentException($"'{name}' is not a gRPC name", argument);
    }

    private static async ValueTask<T> ReadSingleAsync<T>(GrpcCall call, MessageParser<T> parser)
        where T : class, IMessage<T>
    {
        var reader = new GrpcRequestReader<T>(call, parser);
        if (!await reader.MoveNextAsync(CancellationToken.None))
            throw new GrpcException(GrpcWireErrors.NoMessage);
        var request = reader.Current;
        if (await reader.MoveNextAsync(CancellationToken.None))
            throw new GrpcException(GrpcWireErrors.ExtraMessage);
        return request;
    }
}
