using System.Collections.Immutable;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using SelfHeal.Grpc;
using SelfHeal.Xds.Delegation;
using SelfHeal.Xds.Resources;

namespace SelfHeal.FunctionalTests.Delegation;

/// <summary>
/// An Envoy as far as the protocol goes: asks, holds what it is given, accepts it or not, and remembers every byte. It
/// reads the bytes of each <c>Any</c> as they come.
/// </summary>
internal sealed class RelayedEnvoy : IAsyncDisposable
{
    public const string NodeId = "router~127.0.0.10~edge.default~default.svc.cluster.local";

    private readonly bool _isDelta;
    private readonly GrpcChannel _channel;
    private readonly GrpcDuplexCall<DiscoveryRequest, RelayedResponse>? _plain;
    private readonly GrpcDuplexCall<DeltaDiscoveryRequest, RelayedDeltaResponse>? _delta;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, SortedSet<string>> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Nonce, string Version)> _latest = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _writing = new(1);
    private readonly Task _reading;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Node? _node = new() { Id = NodeId };

    public RelayedEnvoy(string address, bool isDelta, GrpcMetadata? headers = null)
    {
        _isDelta = isDelta;
        _channel = new GrpcChannel(
            TimeProvider.System, address, new GrpcChannelOptions { MaxReceiveMessageBytes = 256 * 1024 * 1024 });
        var options = new GrpcCallOptions { Headers = headers };
        const string service = "envoy.service.discovery.v3.AggregatedDiscoveryService";
        if (isDelta)
        {
            _delta = _channel.Duplex<DeltaDiscoveryRequest, RelayedDeltaResponse>(
                $"{service}/DeltaAggregatedResources", RelayedDeltaResponse.Parser, options);
            _reading = ReadDeltaAsync(_delta);
        }
        else
        {
            _plain = _channel.Duplex<DiscoveryRequest, RelayedResponse>(
                $"{service}/StreamAggregatedResources", RelayedResponse.Parser, options);
            _reading = ReadPlainAsync(_plain);
        }
    }

    /// <summary>What it says to what it rejects; null to what it accepts. Told the type, the name and the Any.
    /// </summary>
    public Func<string, string, ByteString, string?> Judge { get; set; } = static (_, _, _) => null;

    /// <summary>By type and name, the Any that it holds.</summary>
    public ImmutableDictionary<(string Type, string Name), ByteString> Held { get; private set; } =
        ImmutableDictionary<(string Type, string Name), ByteString>.Empty;

    /// <summary>Everything that it was sent, in order; an empty Any is a removal.</summary>
    public ImmutableList<(string Type, string Name, ByteString Any)> Received { get; private set; } = [];

    /// <summary>How many responses it answered.</summary>
    public int Answered { get; private set; }

    /// <summary>Whether the stream has ended.</summary>
    public bool HasEnded => _reading.IsCompleted;

    /// <summary>Asks for names of a type; without any, for everything where the type allows it.</summary>
    public async Task AskAsync(string type, params string[] names)
    {
        var isFirst = !_names.ContainsKey(type);
        var asked = isFirst ? _names[type] = new SortedSet<string>(StringComparer.Ordinal) : _names[type];
        var added = names.Where(asked.Add).ToList();
        if (_isDelta)
        {
            var request = new DeltaDiscoveryRequest { TypeUrl = type };
            request.ResourceNamesSubscribe.Add(added);
            await WriteAsync(request);
        }
        else
        {
            await WriteAsync(RequestOf(type));
        }
    }

    /// <summary>Asks for clusters and what follows from them: endpoints of each, listeners, and routes by name.
    /// </summary>
    public async Task StartAsync(params string[] routes)
    {
        await AskAsync(TypeUrl.Cluster);
        await UntilAsync(() => Received.Exists(static each => each.Type == TypeUrl.Cluster), "clusters");
        await AskAsync(TypeUrl.ClusterLoadAssignment, [.. Names(TypeUrl.Cluster).Where(IsEds)]);
        await AskAsync(TypeUrl.Listener);
        if (routes.Length > 0)
            await AskAsync(TypeUrl.RouteConfiguration, routes);
    }

    /// <summary>The names of what it holds of a type.</summary>
    public IEnumerable<string> Names(string type) =>
        Held.Keys.Where(key => key.Type == type).Select(static key => key.Name).Order(StringComparer.Ordinal);

    /// <summary>What it holds under a name; null if nothing.</summary>
    public ByteString? Find(string type, string name) => Held.GetValueOrDefault((type, name));

    /// <summary>Waits for what receiving makes true.</summary>
    public async Task UntilAsync(Func<bool> condition, string what)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
                changed = _changed.Task;
            if (condition())
                return;
            if (HasEnded)
                await _reading;
            Assert.That(HasEnded, Is.False, $"the stream has ended before {what}");
            try
            {
                await changed.DefaultTimeout();
            }
            catch (TimeoutException timeout)
            {
                throw new AssertionException(
                    $"waited in vain for {what}; held: {string.Join(", ", Held.Keys)}", timeout);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _plain?.Dispose();
        _delta?.Dispose();
        await Task.WhenAny(_reading).DefaultTimeout();
        _channel.Dispose();
        _writing.Dispose();
    }

    private bool IsEds(string cluster) =>
        Cluster.Parser.ParseFrom(Value(Held[(TypeUrl.Cluster, cluster)])).Type == Cluster.Types.DiscoveryType.Eds;

    private static ByteString Value(ByteString any) => Google.Protobuf.WellKnownTypes.Any.Parser.ParseFrom(any).Value;

    private DiscoveryRequest RequestOf(string type)
    {
        var (nonce, version) = _latest.GetValueOrDefault(type, ("", ""));
        var request = new DiscoveryRequest { TypeUrl = type, ResponseNonce = nonce, VersionInfo = version };
        request.ResourceNames.Add(_names[type]);
        return request;
    }

    private async Task WriteAsync(DiscoveryRequest request)
    {
        await _writing.WaitAsync();
        try
        {
            (request.Node, _node) = (_node, null);
            await (_plain?.RequestStream.WriteAsync(request) ?? default);
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task WriteAsync(DeltaDiscoveryRequest request)
    {
        await _writing.WaitAsync();
        try
        {
            (request.Node, _node) = (_node, null);
            await (_delta?.RequestStream.WriteAsync(request) ?? default);
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task ReadPlainAsync(GrpcDuplexCall<DiscoveryRequest, RelayedResponse> call)
    {
        while (await call.ResponseStream.MoveNextAsync())
        {
            var response = call.ResponseStream.Current;
            var isWhole = response.TypeUrl is TypeUrl.Cluster or TypeUrl.Listener;
            var resources = response.Resources.Select((any, index) => (NameOf(response.TypeUrl, any, index), any));
            var problem = Take(response.TypeUrl, [.. resources], [], isWhole);
            var accepted = problem is null ? response.VersionInfo : _latest.GetValueOrDefault(response.TypeUrl).Version;
            _latest[response.TypeUrl] = (response.Nonce, accepted ?? "");
            var request = RequestOf(response.TypeUrl);
            request.ErrorDetail = ErrorOf(problem);
            await WriteAsync(request);
            Changed(isAnswer: true);
        }
    }

    private async Task ReadDeltaAsync(GrpcDuplexCall<DeltaDiscoveryRequest, RelayedDeltaResponse> call)
    {
        while (await call.ResponseStream.MoveNextAsync())
        {
            var response = call.ResponseStream.Current;
            var resources = response.Resources.Select(static each => (each.Name, each.Resource));
            var problem = Take(response.TypeUrl, [.. resources], response.RemovedResources, isWhole: false);
            await WriteAsync(new DeltaDiscoveryRequest
            {
                TypeUrl = response.TypeUrl,
                ResponseNonce = response.Nonce,
                ErrorDetail = ErrorOf(problem),
            });
            Changed(isAnswer: true);
        }
    }

    private static Google.Rpc.Status? ErrorOf(string? problem) =>
        problem is null ? null : new Google.Rpc.Status { Code = 13, Message = problem };

    private static string NameOf(string type, ByteString any, int index) =>
        TypeUrl.SendOrder.Contains(type, StringComparer.Ordinal)
        ? XdsResource.FromMessage(ResourceTypesOf(any)).Name
        : $"#{index}";

    private static IMessage ResourceTypesOf(ByteString any)
    {
        var read = XdsResource.FromAny("?", any.Memory) ?? throw new AssertionException("what came is no Any");
        return read.Decode() ?? throw new AssertionException($"{read.TypeUrl} is not known");
    }

    private string? Take(
        string type, List<(string Name, ByteString Any)> resources, IEnumerable<string> removed, bool isWhole)
    {
        var problem = resources.Select(each => Judge(type, each.Name, each.Any)).FirstOrDefault(static p => p != null);
        var gone = removed.ToList();
        lock (_lock)
        {
            Received = Received.AddRange(resources.Select(each => (type, each.Name, each.Any)))
                .AddRange(gone.Select(name => (type, name, ByteString.Empty)));
            if (problem is not null)
                return problem;
            if (isWhole)
                Held = Held.RemoveRange(Held.Keys.Where(key => key.Type == type));
            Held = Held.SetItems(resources.Select(each => KeyValuePair.Create((type, each.Name), each.Any)))
                .RemoveRange(gone.Select(name => (type, name)));
        }

        return null;
    }

    private void Changed(bool isAnswer)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            if (isAnswer)
                Answered++;
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
    }
}
