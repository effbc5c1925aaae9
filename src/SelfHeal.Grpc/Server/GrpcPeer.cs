using System.Security.Cryptography.X509Certificates;

namespace SelfHeal.Grpc;

/// <summary>Who called.</summary>
/// <param name="Address"><c>ip:port</c>, or <c>unix:path</c> with the path of the server's socket.</param>
/// <param name="UnixPath">Path of the Unix domain socket that the call came through; null over TCP.</param>
/// <param name="ClientCertificate">The certificate that the client proved to hold; null when it showed none.</param>
public sealed record GrpcPeer(string Address, string? UnixPath, X509Certificate2? ClientCertificate);
