namespace SelfHeal.Lab.DataPlane;

/// <summary>The type URLs of <see cref="ModelResourceType"/>.</summary>
internal static class ModelTypeUrl
{
    private static readonly string[] Urls =
    [
        "type.googleapis.com/envoy.config.cluster.v3.Cluster",
        "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment",
        "type.googleapis.com/envoy.config.listener.v3.Listener",
        "type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
    ];

    /// <summary>How many types there are.</summary>
    public static int Count => Urls.Length;

    public static string Of(ModelResourceType type) => Urls[(int)type];

    public static bool TryParse(string url, out ModelResourceType type)
    {
        var index = Array.IndexOf(Urls, url);
        type = (ModelResourceType)Math.Max(index, 0);
        return index >= 0;
    }
}
