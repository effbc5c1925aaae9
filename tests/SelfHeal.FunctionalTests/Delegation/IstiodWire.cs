using SelfHeal.Grpc;

namespace SelfHeal.FunctionalTests.Delegation;

/// <summary>How a stream writes.</summary>
/// <param name="Message">A frame around bytes, whatever they mean.</param>
/// <param name="Unframed">Bytes without a frame.</param>
internal sealed record IstiodWire(
    Func<GrpcPayload, CancellationToken, ValueTask> Message,
    Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> Unframed);
