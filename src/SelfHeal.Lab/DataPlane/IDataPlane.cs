namespace SelfHeal.Lab.DataPlane;

/// <summary>Who carries the requests: a real Envoy, or our model of one. Both are driven only by xDS.</summary>
public interface IDataPlane : IAsyncDisposable
{
    /// <summary>One line for people: which it is, and its version.</summary>
    string Description { get; }

    /// <summary>Where requests go in.</summary>
    Uri Listener { get; }

    /// <summary>Why it cannot carry requests any more; null while it lives.</summary>
    string? Failure { get; }

    /// <summary>Waits until it has its configuration and takes requests.</summary>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task WaitReadyAsync(TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>
    /// A SHA-256 in hex over the route configuration that it holds now. Equal digests mean equal routes and weights.
    /// </summary>
    /// <param name="routeConfiguration">The RDS resource.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    /// <returns>Null when it holds no such resource.</returns>
    Task<string?> RouteDigestAsync(string routeConfiguration, CancellationToken cancellationToken);
}
