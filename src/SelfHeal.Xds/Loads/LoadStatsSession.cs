using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Envoy.Config.Core.V3;
using Envoy.Service.LoadStats.V3;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.Core.Loads;
using SelfHeal.Xds.Sessions;

namespace SelfHeal.Xds.Loads;

/// <summary>
/// One stream of <c>LoadReportingService/StreamLoadStats</c>: the client says who it is, is told what to report and how
/// often, and reports until it ends. Only a client that announces
/// <c>envoy.lrs.supports_send_all_clusters</c> may be asked for all clusters; another is named those that the
/// configuration has, again whenever they change.
/// </summary>
public sealed class LoadStatsSession
{
    private const string SendAllClusters = "envoy.lrs.supports_send_all_clusters";

    private readonly LoadStatsOptions _options;
    private ImmutableArray<string> _clusters;
    private LoadStatsResponse? _response;
    private bool _sendsAll;
    private long _sequence;

    /// <summary>A session for a stream that has just been opened.</summary>
    /// <param name="options">What to ask for.</param>
    public LoadStatsSession(LoadStatsOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
    }

    /// <summary>Why the stream must end; null while it need not.</summary>
    public SessionEvent.ProtocolError? End { get; private set; }

    /// <summary>The proxy; null before its first request.</summary>
    public string? NodeId { get; private set; }

    /// <summary>What it means when the proxy leaves a locality out.</summary>
    public LoadAbsence Absence { get; private set; }

    /// <summary>Takes one request.</summary>
    /// <param name="request">Not kept.</param>
    /// <returns>The report in it; null when it has none, or when the stream must end.</returns>
    public LoadReport? OnRequest(LoadStatsRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var isFirst = NodeId is null;
        if (End is not null || !TryIdentify(request.Node))
            return null;

        // The first message says who it is. Only an Envoy that comes back has something to report in it.
        if (isFirst && request.ClusterStats.Count == 0)
            return null;
        var reader = new LoadReportReader(_options.RowsMax);
        var clusters = reader.Read(request.ClusterStats);
        if (!clusters.IsDefault)
            return new LoadReport(_options.Stream, ++_sequence, clusters);
        Fail(reader.IsTooMuch ? StreamStatus.ResourceExhausted : StreamStatus.InvalidArgument, reader.Error);
        return null;
    }

    /// <summary>The clusters that the configuration has; told again at every change.</summary>
    /// <param name="clusters">Sorted by name.</param>
    public void OnClusters(ImmutableArray<string> clusters)
    {
        if (!_clusters.IsDefault && _clusters.SequenceEqual(clusters, StringComparer.Ordinal))
            return;
        _clusters = clusters;
        if (NodeId is not null && !_sendsAll)
            Ask();
    }

    /// <summary>What to send next.</summary>
    /// <param name="response">The response.</param>
    /// <returns>False when there is nothing to send.</returns>
    public bool TryTakeResponse([NotNullWhen(true)] out LoadStatsResponse? response)
    {
        response = _response;
        _response = null;
        return response is not null;
    }

    private bool TryIdentify(Node? node)
    {
        if (NodeId is not null)
        {
            // Envoy repeats its node in every request; a stream belongs to one.
            return node is null || node.Id.Length == 0 || string.Equals(node.Id, NodeId, StringComparison.Ordinal)
                || Fail(StreamStatus.InvalidArgument, $"node.id: another than the '{NodeId}' of the first request");
        }

        if (node is null || node.Id.Length == 0)
            return Fail(StreamStatus.InvalidArgument, "node.id: missing, expected in the first request of a stream");
        NodeId = node.Id;
        Absence = AbsenceOf(node);
        _sendsAll = node.ClientFeatures.Contains(SendAllClusters);
        if (_sendsAll || !_clusters.IsDefault)
            Ask();
        return true;
    }

    private void Ask()
    {
        _response = new LoadStatsResponse
        {
            SendAllClusters = _sendsAll,
            LoadReportingInterval = Duration.FromTimeSpan(_options.Interval),
            ReportEndpointGranularity = true,
        };
        if (!_sendsAll)
            _response.Clusters.Add(_clusters);
    }

    private static LoadAbsence AbsenceOf(Node node)
    {
        var version = node.UserAgentBuildVersion?.Version;
        var isNew = version is { MajorNumber: > 1 } or { MajorNumber: 1, MinorNumber: >= 37 };
        return isNew && node.UserAgentName == "envoy"
            ? LoadAbsence.NothingUnderWay
            : LoadAbsence.NothingIssued;
    }

    private bool Fail(StreamStatus status, string message)
    {
        End = new SessionEvent.ProtocolError(status, message);
        return false;
    }
}
