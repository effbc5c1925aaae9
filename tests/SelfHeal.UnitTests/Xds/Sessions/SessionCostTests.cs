using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Sessions;
using SelfHeal.Xds.Snapshots;
using static SelfHeal.UnitTests.Xds.TestResources;

namespace SelfHeal.UnitTests.Xds.Sessions;

/// <summary>A push costs each stream what changed, and an idle stream costs little, however much exists.</summary>
[NonParallelizable]
public sealed class SessionCostTests
{
    private const string Eds = TypeUrl.ClusterLoadAssignment;

    // Measured at 5.2 kB for two responses, their answers and events, whatever the number of clusters; five thousand
    // names alone would be 40 kB.
    private const long PushBytesMax = 8_000;

    [Test]
    public void OnSnapshot_OneOfManyChanged_AllocatesWhatChanged(
        [Values] bool delta, [Values(100, 5_000)] int clusters, [Values(TypeUrl.Cluster, Eds)] string typeUrl)
    {
        var resources = Make(clusters);
        var snapshots = new[] { Validated(resources), Validated(Changed(resources, typeUrl, 2)) };
        snapshots[1] = snapshots[1].Reuse(snapshots[0]);
        snapshots = [.. snapshots, Validated(Changed(resources, typeUrl, 3)).Reuse(snapshots[1])];
        // The first stream pays for what all of them share.
        var streams = new[] { new Client(delta, clusters), new Client(delta, clusters), new Client(delta, clusters) };
        foreach (var stream in streams)
        {
            stream.Push(snapshots[0]);
            stream.Push(snapshots[1]);
        }
        streams[0].Push(snapshots[2]);
        streams[1].Push(snapshots[2]);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var responses = streams[2].Push(snapshots[2]);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.That(responses, Is.EqualTo(typeUrl is TypeUrl.Cluster ? 2 : 1), "the cluster and its endpoints");
        Assert.That(allocated, Is.LessThan(PushBytesMax));
    }

    [Test]
    public void Session_Idle_TakesLittleMemoryHoweverManyItHolds([Values] bool delta)
    {
        const int Streams = 100;
        var snapshot = Validated(Make(1_000));
        var keep = new List<Client> { new(delta, 1_000) };
        keep[0].Push(snapshot);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var stream = 0; stream < Streams; stream++)
        {
            keep.Add(new Client(delta, 1_000));
            keep[^1].Push(snapshot);
            keep[^1].ForgetRequests();
        }
        var perStream = (GC.GetTotalMemory(forceFullCollection: true) - before) / Streams;
        Assert.That(perStream, Is.LessThan(8_000));
        GC.KeepAlive(keep);
    }

    private static XdsResource[] Make(int clusters) =>
        [.. Names(clusters).SelectMany(name => new[] { Cluster(name), Endpoints(name) })];

    private static IEnumerable<string> Names(int clusters) =>
        Enumerable.Range(0, clusters).Select(number => $"outbound|8080||service-{number:00000}.example.svc");

    private static XdsResource[] Changed(XdsResource[] resources, string typeUrl, int knob)
    {
        XdsResource[] changed = [.. resources];
        var name = resources[80].Name;
        changed[typeUrl is TypeUrl.Cluster ? 80 : 81] =
            typeUrl is TypeUrl.Cluster ? Cluster(name, knob) : Endpoints(name, knob);
        return changed;
    }

    private static ValidatedSnapshot Validated(XdsResource[] resources) => Snapshot(resources);

    private sealed class Client
    {
        private readonly IXdsSession _session;
        private readonly Dictionary<string, DiscoveryRequest> _sotw = new(StringComparer.Ordinal);
        private readonly Dictionary<string, DeltaDiscoveryRequest> _delta = new(StringComparer.Ordinal);

        public Client(bool delta, int clusters)
        {
            var options = new SessionOptions { StreamId = "s" };
            _session = delta ? new DeltaAdsSession(options) : new AdsSession(options);
            foreach (var typeUrl in new[] { TypeUrl.Cluster, Eds })
            {
                _sotw[typeUrl] = new DiscoveryRequest { TypeUrl = typeUrl, Node = new Node { Id = "n" } };
                _delta[typeUrl] = new DeltaDiscoveryRequest { TypeUrl = typeUrl, Node = new Node { Id = "n" } };
                if (typeUrl is Eds)
                {
                    _sotw[typeUrl].ResourceNames.AddRange(Names(clusters));
                    _delta[typeUrl].ResourceNamesSubscribe.AddRange(Names(clusters));
                }
                Request(typeUrl, string.Empty);
                _delta[typeUrl].ResourceNamesSubscribe.Clear();
            }
        }

        /// <summary>Offers a snapshot and accepts all that comes.</summary>
        public int Push(ValidatedSnapshot snapshot)
        {
            var count = 0;
            _session.OnSnapshot(snapshot);
            for (; _session.TryTakeResponse(out var response); count++)
                Request(response.TypeUrl, response.Nonce);
            while (_session.TryTakeEvent(out _))
            {
            }
            return count;
        }

        public void ForgetRequests()
        {
            _sotw.Clear();
            _delta.Clear();
        }

        private void Request(string typeUrl, string nonce)
        {
            if (_session is AdsSession sotw)
            {
                _sotw[typeUrl].ResponseNonce = nonce;
                sotw.OnRequest(_sotw[typeUrl]);
            }
            else if (_session is DeltaAdsSession delta)
            {
                _delta[typeUrl].ResponseNonce = nonce;
                delta.OnRequest(_delta[typeUrl]);
            }
        }
    }
}
