using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;

namespace SelfHeal.FunctionalTests.Conformance;

/// <summary>
/// An xDS client that does what it is told, right or wrong: one stream on ADS, one per type otherwise. It only keeps
/// what a request of its variant must state.
/// </summary>
/// <param name="port">Where the server listens.</param>
/// <param name="variant">How it speaks.</param>
/// <param name="node">What it calls itself.</param>
internal sealed class XdsProbe(int port, Variant variant, Node node) : IDisposable
{
    private readonly Dictionary<string, ProbeStream> _streams = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TypeState> _types = new(StringComparer.Ordinal);

    public Variant Variant { get; } = variant;

    public bool IsDelta => Variant.Delta.HasFlag(Variant);

    /// <summary>The first request of a type.</summary>
    public Task SubscribeAsync(string type, params string[] names)
    {
        Of(type).Names.UnionWith(names);
        return IsDelta
            ? SendAsync(new DeltaDiscoveryRequest { TypeUrl = type, ResourceNamesSubscribe = { names } })
            : SendAsync(new DiscoveryRequest { TypeUrl = type, ResourceNames = { names } });
    }

    /// <summary>The first request of a type after a reconnect: what another stream gave is stated.</summary>
    public Task ResumeAsync(Answer held, params string[] names)
    {
        Of(held.Type).Names.UnionWith(names);
        if (!IsDelta)
        {
            return SendAsync(
                new DiscoveryRequest { TypeUrl = held.Type, VersionInfo = held.Version, ResourceNames = { names } });
        }
        var request = new DeltaDiscoveryRequest { TypeUrl = held.Type, ResourceNamesSubscribe = { names } };
        foreach (var resource in held.Resources)
            request.InitialResourceVersions.Add(resource.Name, resource.Version);
        return SendAsync(request);
    }

    /// <summary>Asks for more, in a request that answers nothing.</summary>
    public Task AddAsync(string type, params string[] names) => ChangeAsync(type, names, []);

    /// <summary>Asks for less, in a request that answers nothing.</summary>
    public Task RemoveAsync(string type, params string[] names) => ChangeAsync(type, [], names);

    /// <summary>Accepts a response; the subscription may change with it.</summary>
    public Task AckAsync(Answer answer, string[]? add = null, string[]? remove = null)
    {
        var state = Of(answer.Type).Change(add ?? [], remove ?? []);
        state.Version = answer.Version;
        return ReplyAsync(answer, error: null, add, remove);
    }

    /// <summary>
    /// Rejects a response; the subscription may change with it. SotW states the version accepted last, unless told
    /// otherwise.
    /// </summary>
    public Task NackAsync(
        Answer answer, string message, string[]? add = null, string[]? remove = null, string? version = null)
    {
        var state = Of(answer.Type).Change(add ?? [], remove ?? []);
        state.Version = version ?? state.Version;
        return ReplyAsync(answer, new Google.Rpc.Status { Code = 13, Message = message }, add, remove);
    }

    /// <summary>The next response, which must be of a type.</summary>
    public async Task<Answer> NextAsync(string type)
    {
        var stream = StreamOf(type);
        if (await stream.ReadAsync() is not { } bytes)
            throw new AssertionException($"the stream has ended with {stream.Status}");
        var answer = Parse(bytes);
        Assert.That(answer.Type, Is.EqualTo(type), answer.ToString());
        Of(type).Nonce = answer.Nonce;
        return answer;
    }

    /// <summary>The next response, accepted.</summary>
    public async Task<Answer> NextAckedAsync(string type)
    {
        var answer = await NextAsync(type);
        await AckAsync(answer);
        return answer;
    }

    /// <summary>The first request of a type, and its answer, accepted.</summary>
    public async Task<Answer> FetchAsync(string type, params string[] names)
    {
        await SubscribeAsync(type, names);
        return await NextAckedAsync(type);
    }

    /// <summary>
    /// Returns when the server has read everything that was sent: asks for a name that does not exist, which is
    /// answered. Not for a SotW type that tells nothing of such names (only CDS, LDS and EDS do).
    /// </summary>
    public async Task<Answer> FenceAsync(string type)
    {
        await AddAsync(type, "fence");
        return await NextAckedAsync(type);
    }

    /// <summary>
    /// Nothing more comes: after a half-close the server sends all that it still has to say, and ends the stream.
    /// </summary>
    public async Task ExpectSilenceAsync()
    {
        foreach (var stream in _streams.Values)
            stream.Complete();
        foreach (var stream in _streams.Values)
        {
            if (await stream.ReadAsync() is { } bytes)
                throw new AssertionException($"silence was expected, and this came: {Parse(bytes)}");
            Assert.That(stream.Status?.Code, Is.Zero, $"{stream.Method} has ended with {stream.Status}");
        }
    }

    /// <summary>The stream of a type ends without another response.</summary>
    public async Task<string> ExpectEndAsync(string type, int code)
    {
        var stream = StreamOf(type);
        if (await stream.ReadAsync() is { } bytes)
            throw new AssertionException($"an end was expected, and this came: {Parse(bytes)}");
        Assert.That(stream.Status?.Code, Is.EqualTo(code), $"{stream.Method} has ended with {stream.Status}");
        return stream.Status?.Message ?? "";
    }

    /// <summary>Sends a request as it is, on the stream that its type belongs to.</summary>
    public Task SendAsync(IMessage request, string? type = null, bool withNode = true)
    {
        type ??= request is DiscoveryRequest sotw ? sotw.TypeUrl : ((DeltaDiscoveryRequest)request).TypeUrl;
        if (!_streams.ContainsKey(KeyOf(type)) && withNode)
        {
            if (request is DiscoveryRequest first)
                first.Node ??= node;
            else if (request is DeltaDiscoveryRequest firstDelta)
                firstDelta.Node ??= node;
        }
        return StreamOf(type).WriteAsync(request);
    }

    /// <summary>A request with nothing but names, as this variant writes it.</summary>
    public IMessage Request(string type, string[] names, string nonce = "", string? node = null)
    {
        var named = node is null ? null : new Node { Id = node };
        return IsDelta
            ? new DeltaDiscoveryRequest
            {
                TypeUrl = type,
                ResourceNamesSubscribe = { names },
                ResponseNonce = nonce,
                Node = named,
            }
            : new DiscoveryRequest { TypeUrl = type, ResourceNames = { names }, ResponseNonce = nonce, Node = named };
    }

    /// <summary>Says that no more requests of a type (on ADS: of any) will come.</summary>
    public void Complete(string type) => StreamOf(type).Complete();

    /// <summary>Resets all streams.</summary>
    public void Dispose()
    {
        foreach (var stream in _streams.Values)
            stream.Dispose();
    }

    private Task ChangeAsync(string type, string[] add, string[] remove)
    {
        var state = Of(type).Change(add, remove);
        if (IsDelta)
        {
            return SendAsync(new DeltaDiscoveryRequest
            {
                TypeUrl = type,
                ResourceNamesSubscribe = { add },
                ResourceNamesUnsubscribe = { remove },
            });
        }
        return SendAsync(new DiscoveryRequest
        {
            TypeUrl = type,
            VersionInfo = state.Version,
            ResponseNonce = state.Nonce,
            ResourceNames = { state.Names },
        });
    }

    private Task ReplyAsync(Answer answer, Google.Rpc.Status? error, string[]? add, string[]? remove)
    {
        if (IsDelta)
        {
            return SendAsync(new DeltaDiscoveryRequest
            {
                TypeUrl = answer.Type,
                ResponseNonce = answer.Nonce,
                ErrorDetail = error,
                ResourceNamesSubscribe = { add ?? [] },
                ResourceNamesUnsubscribe = { remove ?? [] },
            });
        }
        var state = Of(answer.Type);
        return SendAsync(new DiscoveryRequest
        {
            TypeUrl = answer.Type,
            VersionInfo = state.Version,
            ResponseNonce = answer.Nonce,
            ErrorDetail = error,
            ResourceNames = { state.Names },
        });
    }

    private Answer Parse(byte[] bytes) => IsDelta ? Answer.OfDelta(bytes) : Answer.OfSotw(bytes);

    private string KeyOf(string type) => Variant.Ads.HasFlag(Variant) ? "" : type;

    private ProbeStream StreamOf(string type)
    {
        if (!_streams.TryGetValue(KeyOf(type), out var stream))
            _streams.Add(KeyOf(type), stream = new ProbeStream(port, XdsServices.Method(Variant, type)));
        return stream;
    }

    private TypeState Of(string type)
    {
        if (!_types.TryGetValue(type, out var state))
            _types.Add(type, state = new TypeState());
        return state;
    }

    /// <summary>What SotW states in every request of a type.</summary>
    private sealed class TypeState
    {
        public SortedSet<string> Names { get; } = new(StringComparer.Ordinal);

        public string Version { get; set; } = "";

        public string Nonce { get; set; } = "";

        public TypeState Change(string[] add, string[] remove)
        {
            Names.UnionWith(add);
            Names.ExceptWith(remove);
            return this;
        }
    }
}
