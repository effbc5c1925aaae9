using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Matching;

namespace SelfHeal.Sidecar.Hosting;

/// <summary>
/// Lets a request reach only the endpoints of the listener it came through. It asks the connection and not the Host
/// header, which a client chooses.
/// </summary>
internal sealed class ListenerMatcherPolicy : MatcherPolicy, IEndpointSelectorPolicy
{
    /// <summary>Before everything else: another listener's endpoints must not even shape an error.</summary>
    public override int Order => int.MinValue;

    /// <inheritdoc/>
    public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) => true;

    /// <inheritdoc/>
    public Task ApplyAsync(HttpContext httpContext, CandidateSet candidates)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        ArgumentNullException.ThrowIfNull(candidates);
        var door = httpContext.Features.Get<ListenerMetadata>();
        for (var index = 0; index < candidates.Count; index++)
        {
            var wanted = candidates[index].Endpoint.Metadata.GetMetadata<ListenerMetadata>();
            // An endpoint that names no listener was mapped past the two groups; it stays out of reach.
            if (door is null || wanted != door)
                candidates.SetValidity(index, false);
        }

        return Task.CompletedTask;
    }
}
