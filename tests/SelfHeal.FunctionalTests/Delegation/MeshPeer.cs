using SelfHeal.FunctionalTests.Lab.Processes;
using SelfHeal.Lab.Mesh;

namespace SelfHeal.FunctionalTests.Delegation;

/// <summary>The real Istiod that a test needs.</summary>
internal static class MeshPeer
{
    /// <summary>Starts one; without the program the test fails in CI and is passed over elsewhere.</summary>
    public static Task<MeshProcess> StartAsync(CancellationToken cancellationToken) => MeshProcess.StartAsync(
        PeerRequirement.Needs(MeshProcess.Find(), $"mesh, which runs Istiod ({MeshProcess.Variable} or PATH)"),
        cancellationToken);
}
