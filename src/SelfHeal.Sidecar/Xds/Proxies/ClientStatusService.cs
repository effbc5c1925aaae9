using Envoy.Admin.V3;
using Envoy.Config.Core.V3;
using Envoy.Service.Status.V3;
using Envoy.Type.Matcher.V3;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.Grpc;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;
using Any = Google.Protobuf.WellKnownTypes.Any;
using GrpcService = SelfHeal.Grpc.GrpcService;

namespace SelfHeal.Sidecar.Xds.Proxies;

/// <summary>
/// <c>envoy.service.status.v3.ClientStatusDiscoveryService</c>: what each client was sent, holds and rejected, resource
/// by resource. Contents are shown as <see cref="Redaction"/> lets them.
/// </summary>
/// <param name="registry">Who knows the clients.</param>
internal sealed class ClientStatusService(ProxyRegistry registry)
{
    /// <summary>The service, to be mapped.</summary>
    public GrpcService Create() =>
        new GrpcService("envoy.service.status.v3.ClientStatusDiscoveryService")
            .Duplex<ClientStatusRequest, ClientStatusResponse>(
                "StreamClientStatus", ClientStatusRequest.Parser, AnswerAllAsync)
            .Unary<ClientStatusRequest, ClientStatusResponse>(
                "FetchClientStatus",
                ClientStatusRequest.Parser,
                (request, _) => ValueTask.FromResult(Answer(request)));

    /// <summary>Answers one request.</summary>
    /// <param name="request">Which clients, and whether with contents.</param>
    /// <exception cref="GrpcException">INVALID_ARGUMENT: a matcher of a kind that is not supported.</exception>
    public ClientStatusResponse Answer(ClientStatusRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var response = new ClientStatusResponse();
        foreach (var id in registry.Nodes)
        {
            var streams = registry.Find(id);
            var node = streams.Select(static s => s.Node).LastOrDefault(static n => n is not null)
                ?? new Node { Id = id };
            if (streams.IsEmpty || !IsAskedFor(request, node))
                continue;
            var config = new ClientConfig { Node = node.Clone() };
            foreach (var stream in streams)
            {
                foreach (var type in stream.Types)
                    config.GenericXdsConfigs.AddRange(Describe(stream, type, request.ExcludeResourceContents));
            }

            response.Config.Add(config);
        }

        return response;
    }

    /// <summary>The matchers follow OR semantics; none match everything (csds.proto).</summary>
    private static bool IsAskedFor(ClientStatusRequest request, Node node)
    {
        if (request.NodeMatchers.Count == 0)
            return true;
        foreach (var matcher in request.NodeMatchers)
        {
            if (matcher.NodeMetadatas.Count > 0)
            {
                throw new GrpcException(
                    GrpcStatusCode.InvalidArgument, "node_matchers by metadata are not supported; expected node_id");
            }

            if (matcher.NodeId is null || Matches(matcher.NodeId, node.Id))
                return true;
        }

        return false;
    }

    private static bool Matches(StringMatcher matcher, string text)
    {
        var comparison = matcher.IgnoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        return matcher.MatchPatternCase switch
        {
            StringMatcher.MatchPatternOneofCase.Exact => string.Equals(text, matcher.Exact, comparison),
            StringMatcher.MatchPatternOneofCase.Prefix => text.StartsWith(matcher.Prefix, comparison),
            StringMatcher.MatchPatternOneofCase.Suffix => text.EndsWith(matcher.Suffix, comparison),
            StringMatcher.MatchPatternOneofCase.Contains => text.Contains(matcher.Contains, comparison),
            _ => throw new GrpcException(
                GrpcStatusCode.InvalidArgument,
                $"node_id by {matcher.MatchPatternCase} is not supported; expected exact, prefix, suffix or contains"),
        };
    }

    private static IEnumerable<ClientConfig.Types.GenericXdsConfig> Describe(
        ProxyView stream, ProxyTypeView type, bool withoutContents)
    {
        var intended = stream.Intended?.Get(type.TypeUrl) ?? ResourceSet.Empty(type.TypeUrl);
        var pending = type.Pending.ToDictionary(static r => r.Name, StringComparer.Ordinal);
        var rejected = type.Rejection?.Standing(type.Held, stream.Intended)
            .ToDictionary(static r => r.Name, StringComparer.Ordinal) ?? [];
        var names = new SortedSet<string>(StringComparer.Ordinal);
        names.UnionWith(intended.Resources.Select(static r => r.Name).Where(type.Wants));
        names.UnionWith(type.Held?.Versions.Select(static v => v.Name) ?? []);
        names.UnionWith(pending.Keys);
        names.UnionWith(rejected.Keys);
        foreach (var name in names)
        {
            var config = new ClientConfig.Types.GenericXdsConfig { TypeUrl = type.TypeUrl, Name = name };
            if (type.UpdatedAt != default)
                config.LastUpdated = Timestamp.FromDateTimeOffset(type.UpdatedAt);
            XdsResource? content;
            if (pending.TryGetValue(name, out var sent) && type.Held?.FindHash(name) != sent.ContentHash)
            {
                (config.ConfigStatus, config.VersionInfo, content) = (ConfigStatus.Stale, sent.ContentHash, sent);
            }
            else if (rejected.TryGetValue(name, out var refused))
            {
                (config.ConfigStatus, config.VersionInfo) = (ConfigStatus.Error, refused.ContentHash);
                content = refused.Rejected;
                config.ErrorState = ErrorOf(type.Rejection!, refused, withoutContents); // It holds what is refused.
            }
            else
            {
                var held = type.Held?.FindHash(name);
                var wanted = intended.Find(name);
                var isSynced = held is not null && (wanted is null || wanted.ContentHash == held);
                config.ConfigStatus = isSynced ? ConfigStatus.Synced : ConfigStatus.NotSent;
                config.VersionInfo = held ?? "";
                content = type.Held?.Find(name);
            }

            if (!withoutContents && content is not null)
                config.XdsConfig = Show(content);
            yield return config;
        }
    }

    private static UpdateFailureState ErrorOf(ProxyRejection rejection, RejectedResource refused, bool withoutContents)
    {
        var state = new UpdateFailureState
        {
            Details = rejection.Message,
            VersionInfo = refused.ContentHash,
            LastUpdateAttempt = Timestamp.FromDateTimeOffset(rejection.At),
        };
        if (!withoutContents && refused.Rejected is { } content)
            state.FailedConfiguration = Show(content);
        return state;
    }

    /// <returns>Null for what may not be shown.</returns>
    private static Any? Show(XdsResource content) =>
        Redaction.Of(content) is { } shown ? Any.Parser.ParseFrom(shown.AnyBytes.Span) : null;

    private async Task AnswerAllAsync(
        GrpcRequestReader<ClientStatusRequest> requests,
        GrpcResponseWriter<ClientStatusResponse> responses,
        GrpcCall call)
    {
        while (await requests.MoveNextAsync(call.CancellationToken))
            await responses.WriteAsync(Answer(requests.Current), call.CancellationToken);
    }
}
