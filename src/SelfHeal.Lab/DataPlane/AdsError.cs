using Google.Rpc;

namespace SelfHeal.Lab.DataPlane;

/// <summary>The error detail of a NACK.</summary>
internal static class AdsError
{
    /// <summary>The gRPC code INTERNAL, which is what Envoy puts there whatever was wrong.</summary>
    private const int Internal = 13;

    public static Status Of(string message) => new() { Code = Internal, Message = message };
}
