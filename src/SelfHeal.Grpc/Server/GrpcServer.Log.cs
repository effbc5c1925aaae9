using Microsoft.Extensions.Logging;

namespace SelfHeal.Grpc;

internal sealed partial class GrpcServer
{
    [LoggerMessage(1, LogLevel.Error, "The handler of {Method} failed", EventName = "HandlerFailed")]
    private static partial void LogHandlerFailed(ILogger logger, Exception exception, string method);

    [LoggerMessage(2, LogLevel.Warning, "A client of {Method} read nothing for {SendTimeout} and was cut off",
        EventName = "SendTimeout")]
    private static partial void LogSendTimeout(ILogger logger, string method, TimeSpan sendTimeout);

    [LoggerMessage(3, LogLevel.Debug, "A call of {Method} was refused with {Status}", EventName = "Refused")]
    private static partial void LogRefused(ILogger logger, string method, GrpcStatusCode status);

    [LoggerMessage(4, LogLevel.Debug, "A call of {Method} ended with {Status}, but its client was gone",
        EventName = "EndNotSent")]
    private static partial void LogEndNotSent(
        ILogger logger, Exception exception, string method, GrpcStatusCode status);
}
