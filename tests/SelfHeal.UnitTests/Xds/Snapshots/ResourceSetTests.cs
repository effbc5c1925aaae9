using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.UnitTests.Xds.Snapshots;

internal sealed class ResourceSetTests
{
    [Test]
    public void VersionOf_SameResourcesInAnyOrder_IsTheSame() =>
        Assert.That(Version(Of("b", 2), Of("a", 1)), Is.EqualTo(Version(Of("a", 1), Of("b", 2))));

    [Test]
    public void VersionOf_AnyChange_GivesAnother()
    {
        string[] versions =
        [
            Version(),
            Version(Of("a", 1)),
            Version(Of("a", 2)),
            Version(Of("b", 1)),
            Version(Of("a", 1), Of("b", 2)),
            Version(Of("a", 2), Of("b", 1)),
            Version(Of("a", 1).WithAliases(["c"])),
            ResourceSet.VersionOf(TypeUrl.Listener, []),
        ];

        Assert.That(versions, Is.Unique);
    }

    private static string Version(params XdsResource[] resources) =>
        ResourceSet.VersionOf(TypeUrl.Cluster, [.. resources]);

    private static XdsResource Of(string name, byte content) => XdsResource.FromBytes(TypeUrl.Cluster, name, [content]);
}
