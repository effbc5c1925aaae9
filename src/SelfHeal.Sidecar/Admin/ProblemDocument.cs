namespace SelfHeal.Sidecar.Admin;

/// <summary>An error as RFC 9457 describes it.</summary>
/// <param name="Title">What went wrong.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">What was expected.</param>
internal sealed record ProblemDocument(string Title, int Status, string Detail)
{
    /// <summary>The media type.</summary>
    public const string ContentType = "application/problem+json";

    /// <summary>We define no types of our own: title and status say it all (RFC 9457, 4.2.1).</summary>
    public string Type { get; init; } = "about:blank";
}
