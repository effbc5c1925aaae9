namespace SelfHeal.Grpc;

/// <summary>Connection feature: the path of the Unix domain socket that a connection came through.</summary>
internal sealed record GrpcUnixPath(string Path);
