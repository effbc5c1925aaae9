using Envoy.Service.Status.V3;
using Envoy.Type.Matcher.V3;

namespace SelfHeal.FunctionalTests.Conformance;

/// <summary>Asks the client status discovery service (CSDS) what nodes have.</summary>
/// <param name="port">Where the server listens.</param>
internal sealed class StatusProbe(int port)
{
    private const string Service = "envoy.service.status.v3.ClientStatusDiscoveryService";

    /// <summary>The resources of one node, from both methods, which must agree.</summary>
    public async Task<IReadOnlyList<ClientConfig.Types.GenericXdsConfig>> FetchAsync(string node)
    {
        var fetched = await AskAsync("FetchClientStatus", node);
        var streamed = await AskAsync("StreamClientStatus", node);
        Assert.That(streamed, Is.EqualTo(fetched), "both methods say the same");
        return fetched.Config.Count == 0 ? [] : [.. fetched.Config.Single().GenericXdsConfigs];
    }

    private async Task<ClientStatusResponse> AskAsync(string method, string node)
    {
        using var call = new ProbeStream(port, $"{Service}/{method}");
        await call.WriteAsync(new ClientStatusRequest
        {
            NodeMatchers = { new NodeMatcher { NodeId = new StringMatcher { Exact = node } } },
        });
        call.Complete();
        var bytes = await call.ReadAsync() ?? throw new AssertionException($"{method} has ended with {call.Status}");
        return ClientStatusResponse.Parser.ParseFrom(bytes);
    }
}
