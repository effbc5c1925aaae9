namespace SelfHeal.Grpc;

/// <summary>One method of a service, ready to run.</summary>
/// <param name="Service">Full name of the service.</param>
/// <param name="Name">Name of the method.</param>
/// <param name="Options">Its limits.</param>
/// <param name="RunAsync">Runs one call up to, and without, its status.</param>
internal sealed record GrpcMethod(
    string Service, string Name, GrpcServiceOptions Options, Func<GrpcCall, Task> RunAsync)
{
    /// <summary>The <c>:path</c> of a call to this method.</summary>
    public string Path { get; } = $"/{Service}/{Name}";
}
