using SelfHeal.Grpc;

namespace SelfHeal.FunctionalTests.EndToEnd;

/// <summary>Bytes that no decent client sends, and what they must be answered with.</summary>
/// <param name="Name">For the name of the test.</param>
/// <param name="Bytes">Sent instead of a message.</param>
/// <param name="Ends">Whether the request ends after them.</param>
/// <param name="Status">The answer.</param>
internal sealed record BadFrame(string Name, byte[] Bytes, bool Ends, GrpcStatusCode Status)
{
    public static IEnumerable<BadFrame> All { get; } =
    [
        new("garbage", [0xde, 0xad, 0xbe, 0xef, 0x99, 0x01, 0x02], Ends: false, GrpcStatusCode.Internal),
        new("oversized", [0, 0x7f, 0xff, 0xff, 0xff], Ends: false, GrpcStatusCode.ResourceExhausted),
        new("compressed without encoding", [1, 0, 0, 0, 1, 0], Ends: false, GrpcStatusCode.Internal),
        new("truncated", [0, 0, 0, 0, 9, 0x0a, 7], Ends: true, GrpcStatusCode.Internal),
        new("not protobuf", [0, 0, 0, 0, 2, 0xff, 0xff], Ends: false, GrpcStatusCode.Internal),
    ];

    public override string ToString() => Name;
}
