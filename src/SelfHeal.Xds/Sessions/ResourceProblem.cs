namespace SelfHeal.Xds.Sessions;

/// <summary>Why a client does not get a resource that it asks for (cncf/xds TP3).</summary>
/// <param name="Name">As the client asked for it.</param>
/// <param name="Code">The gRPC status code.</param>
/// <param name="Message">For people.</param>
internal readonly record struct ResourceProblem(string Name, int Code, string Message)
{
    /// <summary>gRPC's NOT_FOUND.</summary>
    public const int NotFound = 5;

    /// <summary>gRPC's PERMISSION_DENIED.</summary>
    public const int PermissionDenied = 7;
}
