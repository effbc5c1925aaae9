using System.Globalization;
using SelfHeal.Lab;
using SelfHeal.Lab.Mesh;
using SelfHeal.Lab.Processes;

namespace SelfHeal.Sidecar.Demo;

/// <summary>The demo's service in a real mesh; its objects are there until the run ends.</summary>
internal sealed class DemoMesh(MeshAddresses addresses, LabPorts ports, string directory, TimeProvider time)
    : IAsyncDisposable
{
    private readonly Kubectl _kubectl = new(addresses.Kubectl, Path.Combine(directory, "kubectl.log"), time);
    private readonly string _surroundings = Path.Combine(directory, "istio.yaml");
    private readonly string _split = Path.Combine(directory, "virtual-service.yaml");

    /// <summary>Where Istiod and the API server are.</summary>
    public MeshAddresses Addresses => addresses;

    /// <summary>Puts the service into the mesh, split 90 to 10.</summary>
    public async Task DeclareAsync(CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(_surroundings, IstioSplit.Surroundings(ports), cancellationToken);
        await _kubectl.ApplyAsync(_surroundings, cancellationToken);
        await SplitAsync(canary: 10, cancellationToken);
    }

    /// <summary>Writes the split into the VirtualService, as its owner does.</summary>
    /// <param name="canary">The canary's share of 100.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task SplitAsync(int canary, CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(_split, IstioSplit.VirtualService(100 - canary, canary), cancellationToken);
        await _kubectl.ApplyAsync(_split, cancellationToken);
    }

    /// <summary>Waits until the data plane has what Istiod made of it, and answers.</summary>
    /// <param name="stage">With its data plane.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task WaitServedAsync(DemoStage stage, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        while (!await IsServedAsync(stage, client, cancellationToken))
        {
            if (stage.DataPlane.Failure is { } failure)
                throw new LabException(failure);
            if (time.GetElapsedTime(start) > timeout)
            {
                throw new LabException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"within {timeout.TotalSeconds} s Istiod at {addresses.Xds} has not given the data plane the route "
                    + $"{stage.Service.RouteConfiguration}; does the Envoy know the extensions that it uses?"));
            }

            await Task.Delay(DemoTiming.Look, time, cancellationToken);
        }
    }

    /// <summary>Takes the service out of the mesh.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var file in (string[])[_split, _surroundings])
        {
            try
            {
                if (File.Exists(file))
                    await _kubectl.DeleteAsync(file, CancellationToken.None);
            }
            catch (LabException)
            {
                // The mesh has gone, and the objects with it; what ended the run is told already.
            }
        }
    }

    private static async Task<bool> IsServedAsync(
        DemoStage stage, HttpClient client, CancellationToken cancellationToken)
    {
        if (await stage.DataPlane.RouteDigestAsync(stage.Service.RouteConfiguration, cancellationToken) is null)
            return false;
        using var request = new HttpRequestMessage(HttpMethod.Get, stage.DataPlane.Listener)
        {
            Headers = { Host = stage.Service.Host },
        };
        try
        {
            using var response = await client.SendAsync(request, cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false; // The listener is warming.
        }
    }
}
