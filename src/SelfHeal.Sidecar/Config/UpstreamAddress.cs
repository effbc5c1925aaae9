namespace SelfHeal.Sidecar.Config;

/// <summary>How addresses of the upstream are written.</summary>
internal static class UpstreamAddress
{
    /// <summary>Whether it is one of an ADS server.</summary>
    /// <param name="text">As it stands in the file.</param>
    public static bool IsValid(string text) =>
        text.StartsWith("unix:/", StringComparison.Ordinal) || (IsHttp(text) && new Uri(text).AbsolutePath == "/");

    /// <summary>Whether it is one of HTTP.</summary>
    /// <param name="text">As it stands in the file.</param>
    public static bool IsHttp(string text) => Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && uri.Scheme is "http" or "https" && uri.Host.Length > 0;
}
