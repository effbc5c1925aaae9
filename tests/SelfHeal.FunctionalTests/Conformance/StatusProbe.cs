using Envoy.Service.Status.V3;
using Envoy.Type.Matcher.V3;

namespace SelfHeal.FunctionalTests.Conformance;

/// <summary>Asks the client status discovery service (CSDS) what nodes have.</summary>
/// <param name="port">Where the server listens.</param>
internal sealed class StatusProbe(int port)
{
    private const string Service = "envoy.service.status.v3.ClientStatusDiscoveryService";

    /// <summary>The resources of one node.</summary>
    public Task<IReadOnlyList<ClientConfig.Types.GenericXdsConfig>> FetchAsync(string node) =>
        AskAsync("FetchClientStatus", node);

    /// <summary>The same by the method that streams.</summary>
    public Task<IReadOnlyList<ClientConfig.Types.GenericXdsConfig>> StreamAsync(string node) =>
        AskAsync("StreamClientStatus", node);

    private async Task<IReadOnlyList<ClientConfig.Types.GenericXdsConfig>> AskAsync(string method, string node)
    {
        using var call = new ProbeStream(port, $"{Service}/{method}");
        await call.WriteAsync(new ClientStatusRequest
        {
            NodeMatchers = { new NodeMatcher { NodeId = new StringMatcher { Exact = node } } },
        });
        call.Complete();
        var bytes = await call.ReadAsync() ?? throw new AssertionException($"{method} has ended with {call.Status}");
        return [.. ClientStatusResponse.Parser.ParseFrom(bytes).Config.SelectMany(static c => c.GenericXdsConfigs)];
    }
}
