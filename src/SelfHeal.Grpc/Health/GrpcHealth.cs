using System.Collections.Immutable;
using SelfHeal.Grpc.Health.V1;
using ServingStatus = SelfHeal.Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace SelfHeal.Grpc;

/// <summary>
/// Health of services by name (health-checking.md, <c>grpc.health.v1</c>): set it here, serve it with
/// <see cref="CreateService"/>. The empty name is the whole server, SERVING from the start.
/// </summary>
public sealed class GrpcHealth
{
    private readonly Lock _gate = new();
    private volatile State _state = new(ImmutableDictionary.Create<string, ServingStatus>(StringComparer.Ordinal)
        .Add("", ServingStatus.Serving));

    /// <summary>Says how a service is; watchers are told when that is a change.</summary>
    public void Set(string service, ServingStatus status)
    {
        ArgumentNullException.ThrowIfNull(service);
        Replace(statuses => statuses.SetItem(service, status));
    }

    /// <summary>Says that every known service is NOT_SERVING, for example when a shutdown begins.</summary>
    public void SetAllNotServing() =>
        Replace(statuses => statuses.ToImmutableDictionary(
            e => e.Key, _ => ServingStatus.NotServing, statuses.KeyComparer));

    /// <summary>How a service is; null when it is not known.</summary>
    public ServingStatus? Get(string service)
    {
        ArgumentNullException.ThrowIfNull(service);
        return _state.Statuses.TryGetValue(service, out var status) ? status : null;
    }

    /// <summary>Makes the service <c>grpc.health.v1.Health</c>.</summary>
    public GrpcService CreateService() =>
        new GrpcService("grpc.health.v1.Health")
            .Unary<HealthCheckRequest, HealthCheckResponse>("Check", HealthCheckRequest.Parser, (request, _) =>
                Get(request.Service) is { } status
                    ? ValueTask.FromResult(new HealthCheckResponse { Status = status })
                    : throw new GrpcException(GrpcStatusCode.NotFound, $"unknown service '{request.Service}'"))
            .ServerStreaming<HealthCheckRequest, HealthCheckResponse>("Watch", HealthCheckRequest.Parser, WatchAsync);

    /// <summary>
    /// Sends the status now and after each change. Changes while a send is under way are coalesced to the last, so
    /// nothing is queued for a slow watcher.
    /// </summary>
    private async Task WatchAsync(
        HealthCheckRequest request, GrpcResponseWriter<HealthCheckResponse> responses, GrpcCall call)
    {
        ServingStatus? sent = null;
        while (true)
        {
            var state = _state;
            var status = state.Statuses.GetValueOrDefault(request.Service, ServingStatus.ServiceUnknown);
            if (status != sent)
                await responses.WriteAsync(new HealthCheckResponse { Status = status }, call.CancellationToken);
            sent = status;
            await state.Replaced.Task.WaitAsync(call.CancellationToken);
        }
    }

    private void Replace(
        Func<ImmutableDictionary<string, ServingStatus>, ImmutableDictionary<string, ServingStatus>> change)
    {
        State old;
        lock (_gate)
        {
            old = _state;
            _state = new State(change(old.Statuses));
        }
        old.Replaced.SetResult();
    }

    private sealed record State(ImmutableDictionary<string, ServingStatus> Statuses)
    {
        public TaskCompletionSource Replaced { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
