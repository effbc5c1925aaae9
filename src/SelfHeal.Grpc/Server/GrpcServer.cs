using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using SelfHeal.Grpc.Wire;

namespace SelfHeal.Grpc;

/// <summary>Runs calls: checks what came before the first message, runs the handler, sends the status.</summary>
internal sealed partial class GrpcServer(
    TimeProvider timeProvider, ILogger<GrpcServer> logger, GrpcMetrics metrics, GrpcShutdown shutdown)
{
    private const string UnknownMethod = "unknown";

    public async Task InvokeAsync(HttpContext http, GrpcMethod method)
    {
        if (!IsGrpcRequest(http))
            return;
        // Routes match whatever the case of letters; gRPC names do not.
        if (!string.Equals(http.Request.Path.Value, method.Path, StringComparison.Ordinal))
        {
            await RefuseUnknownAsync(http);
            return;
        }
        metrics.CallStarted(method.Path);
        var refusal = Check(http, out var encoding, out var timeout);
        if (!refusal.IsOk)
        {
            await RefuseAsync(http, method.Path, refusal);
            return;
        }
        using var lifetime = new GrpcCallLifetime(
            timeProvider, http, method.Options.SendTimeout, timeout, shutdown.Token);
        var call = new GrpcCall(http, method, encoding, lifetime, metrics);
        var status = await RunAsync(call);
        metrics.CallEnded(method.Path, status.Code);
        await EndAsync(call, status);
    }

    /// <summary>Answers a path that no service has.</summary>
    public Task InvokeUnknownAsync(HttpContext http)
    {
        if (!GrpcHeaderNames.IsGrpcContentType(http.Request.ContentType))
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }
        return IsGrpcRequest(http) ? RefuseUnknownAsync(http) : Task.CompletedTask;
    }

    private static bool IsGrpcRequest(HttpContext http)
    {
        if (HttpProtocol.IsHttp10(http.Request.Protocol) || HttpProtocol.IsHttp11(http.Request.Protocol))
        {
            // There are no trailers worth the name before HTTP/2.
            http.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            http.Response.Headers.Upgrade = "HTTP/2";
            return false;
        }
        if (GrpcHeaderNames.IsGrpcContentType(http.Request.ContentType))
            return true;
        http.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
        return false;
    }

    // A missing "te: trailers" is let pass, as other servers do: it tells of old proxies, and costs us nothing.
    private GrpcStatus Check(HttpContext http, out GrpcEncoding encoding, out TimeSpan? timeout)
    {
        timeout = null;
        var headers = http.Request.Headers;
        string? encodingText = headers[GrpcHeaderNames.Encoding];
        var known = GrpcHeaderNames.ParseEncoding(encodingText);
        encoding = known ?? GrpcEncoding.Identity;
        if (shutdown.Token.IsCancellationRequested)
            return GrpcShutdown.Status;
        if (known is null)
            return new(GrpcStatusCode.Unimplemented, $"grpc-encoding '{encodingText}' is not supported");
        string? timeoutText = headers[GrpcHeaderNames.Timeout];
        if (timeoutText is null)
            return GrpcStatus.Ok;
        if (!GrpcTimeout.TryParse(timeoutText, out var given))
            return new(GrpcStatusCode.Internal, $"grpc-timeout '{timeoutText}' is malformed");
        timeout = given;
        return GrpcStatus.Ok;
    }

    private async Task<GrpcStatus> RunAsync(GrpcCall call)
    {
        try
        {
            await call.Definition.RunAsync(call);
            return call.IsBroken
                ? new GrpcStatus(GrpcStatusCode.Internal, "a message was sent in part")
                : GrpcStatus.Ok;
        }
        catch (Exception exception)
        {
            if (exception is GrpcException { Status.IsOk: false } failure)
                call.ResponseTrailers.AddRange(failure.Trailers);
            else if (exception is not OperationCanceledException)
                LogHandlerFailed(logger, exception, call.Definition.Path);
            if (call.CancelReason == GrpcCancelReason.SendTimeout)
                LogSendTimeout(logger, call.Definition.Path, call.Options.SendTimeout);
            return call.StatusOf(exception);
        }
    }

    private async Task EndAsync(GrpcCall call, GrpcStatus status)
    {
        try
        {
            await call.EndAsync(status);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            LogEndNotSent(logger, exception, call.Definition.Path, status.Code);
        }
    }

    private Task RefuseUnknownAsync(HttpContext http)
    {
        metrics.CallStarted(UnknownMethod);
        return RefuseAsync(
            http, UnknownMethod, new(GrpcStatusCode.Unimplemented, $"unknown method {http.Request.Path}"));
    }

    private Task RefuseAsync(HttpContext http, string method, GrpcStatus status)
    {
        LogRefused(logger, method, status.Code);
        metrics.CallEnded(method, status.Code);
        GrpcServerWire.SetTrailersOnly(http.Response, status, metadata: null);
        return http.Response.CompleteAsync();
    }
}
