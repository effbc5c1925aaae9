using System.Collections.Immutable;
using Envoy.Config.Cluster.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Config.Route.V3;
using Envoy.Service.Runtime.V3;
using Google.Protobuf;
using SelfHeal.Core.Remediation;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Xds.Overlays;

/// <summary>
/// Lays overlays over a resource: decode, set what they name, encode; nothing else changes and unknown fields survive.
/// A pure function.
/// </summary>
public static class OverlayTranslator
{
    /// <summary>The type of the resources that a carrier's overlays select.</summary>
    /// <param name="carrier">The carrier.</param>
    public static string TypeOf(OverlayCarrier carrier) => carrier switch
    {
        OverlayCarrier.Eds => TypeUrl.ClusterLoadAssignment,
        OverlayCarrier.Rds => TypeUrl.RouteConfiguration,
        OverlayCarrier.Rtds => TypeUrl.Runtime,
        OverlayCarrier.Cds => TypeUrl.Cluster,
        _ => throw new ArgumentOutOfRangeException(nameof(carrier), carrier, "not a carrier"),
    };

    /// <summary>Applies those overlays that select the resource, in the ordinal order of their ids.</summary>
    /// <param name="intended">The configuration as its source declares it.</param>
    /// <param name="typeUrl">The resource's type.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="overlays">Any overlays; those for other resources are passed over.</param>
    /// <param name="bases">By overlay, what the source said when it was laid first: if it says something else now, the
    /// overlay is left out. Those that are not in it are laid whatever the source says; null: all.</param>
    public static OverlayResult Apply(
        ValidatedSnapshot intended,
        string typeUrl,
        string name,
        IEnumerable<Overlay> overlays,
        IReadOnlyDictionary<string, string>? bases = null)
    {
        ArgumentNullException.ThrowIfNull(intended);
        ArgumentNullException.ThrowIfNull(overlays);
        var source = intended.Get(typeUrl).Find(name);
        var selecting = overlays
            .Where(overlay => string.Equals(TypeOf(overlay.Carrier), typeUrl, StringComparison.Ordinal)
                && string.Equals(overlay.Resource, name, StringComparison.Ordinal))
            .OrderBy(static overlay => overlay.Id, StringComparer.Ordinal)
            .ToList();
        if (selecting.Count == 0)
            return new OverlayResult(source, [], []);
        if (Open(source, typeUrl, name) is not { } message)
            return new OverlayResult(source, [], [.. selecting.Select(o => Error(o, WhyNotOpen(intended, source, o)))]);

        var laid = ImmutableArray.CreateBuilder<Overlay>();
        var errors = ImmutableArray.CreateBuilder<OverlayError>();
        var found = OverlayBasis.None.ToBuilder();
        var changed = false;
        foreach (var overlay in selecting)
        {
            var patch = Plan(message, overlay, intended);
            if (patch.IsRefused)
            {
                errors.Add(Error(overlay, patch.Problem));
                continue;
            }

            // What others have laid before it is not the source's word.
            var basis = changed && Open(source, typeUrl, name) is { } pristine
                ? Plan(pristine, overlay, intended).Basis
                : patch.Basis;
            if (bases?.GetValueOrDefault(overlay.Id) is { } before && before != basis)
            {
                var problem = $"the source said '{before}' when it was laid and says '{basis}' now: the source wins";
                errors.Add(Error(overlay, problem) with { IsSourceChanged = true });
                continue;
            }

            changed |= patch.Apply();
            laid.Add(overlay);
            found[overlay.Id] = basis;
        }

        return new OverlayResult(
            changed ? Close(source, typeUrl, name, message) : source, laid.ToImmutable(), errors.ToImmutable())
        {
            Bases = found.ToImmutable(),
        };
    }

    /// <summary>An overlay that was left out, and why.</summary>
    internal static OverlayError Error(Overlay overlay, string message) =>
        new(overlay.Id, TypeOf(overlay.Carrier), overlay.Resource, message);

    /// <summary>The message that overlays change; a runtime layer that the source does not have begins empty.</summary>
    private static IMessage? Open(XdsResource? source, string typeUrl, string name) => source is not null
        ? source.Decode()
        : typeUrl == TypeUrl.Runtime && name.Length > 0 ? new Runtime { Name = name } : null;

    /// <summary>Overlays that cancel each other out leave the source's own bytes.</summary>
    private static XdsResource Close(XdsResource? source, string typeUrl, string name, IMessage message)
    {
        var bytes = message.ToByteArray();
        return source is not null && source.ValueBytes.Span.SequenceEqual(bytes)
            ? source
            : XdsResource.FromBytes(typeUrl, name, bytes);
    }

    private static string WhyNotOpen(ValidatedSnapshot intended, XdsResource? source, Overlay overlay)
    {
        if (source is not null)
            return "the bytes are not a message that this API knows, so nothing can be laid on them";
        if (overlay.Resource.Length == 0)
            return "the overlay names no resource";
        var typeUrl = TypeOf(overlay.Carrier);
        var kind = typeUrl[(typeUrl.LastIndexOf('.') + 1)..];
        var expected = OverlayPatch.Expected(intended.Get(typeUrl).Resources.Select(static r => r.Name));
        return overlay.Carrier == OverlayCarrier.Eds
            && intended.Get(TypeUrl.Cluster).Find(overlay.Resource)?.Decode() is Cluster cluster
            ? $"there is no {kind} '{overlay.Resource}': cluster '{cluster.Name}' takes its endpoints from elsewhere "
                + $"({EndpointsOf(cluster)}), expected EDS over this server under this name"
            : $"there is no {kind} '{overlay.Resource}'; {expected}";
    }

    private static string EndpointsOf(Cluster cluster) => cluster.ClusterDiscoveryTypeCase switch
    {
        Cluster.ClusterDiscoveryTypeOneofCase.ClusterType => $"cluster_type '{cluster.ClusterType.Name}'",
        _ when cluster.EdsClusterConfig?.ServiceName is { Length: > 0 } service => $"service_name '{service}'",
        _ => $"type {cluster.Type}",
    };

    private static OverlayPatch Plan(IMessage message, Overlay overlay, ValidatedSnapshot intended)
    {
        var patch = new OverlayPatch();
        try
        {
            Plan(message, overlay, intended, patch);
        }
        catch (Exception error)
        {
            // A defect of ours, or a caller's, in one overlay: nothing was touched yet. It must not take the others
            // with it, and whoever laid it must hear that it is not in force.
            patch.Refuse($"it cannot be laid: {error.Message}");
        }

        return patch;
    }

    private static void Plan(IMessage message, Overlay overlay, ValidatedSnapshot intended, OverlayPatch patch)
    {
        switch (overlay)
        {
            case Overlay.WeightedClusters weights:
                RouteOverlays.SetWeights((RouteConfiguration)message, weights, patch);
                break;
            case Overlay.RetryPolicy retry:
                RetryOverlays.Lower((RouteConfiguration)message, retry, patch);
                break;
            case Overlay.EndpointWeights weights:
                EndpointOverlays.SetWeights((ClusterLoadAssignment)message, weights, patch);
                break;
            case Overlay.EndpointHealth health:
                EndpointOverlays.SetHealth((ClusterLoadAssignment)message, health, patch);
                break;
            case Overlay.LocalityWeights weights:
                LocalityOverlays.SetWeights((ClusterLoadAssignment)message, weights, patch);
                break;
            case Overlay.LocalityPriorities priorities:
                LocalityOverlays.SetPriorities((ClusterLoadAssignment)message, priorities, patch);
                break;
            case Overlay.RuntimeBreakers breakers:
                RuntimeOverlays.SetBreakers((Runtime)message, breakers, intended, patch);
                break;
            case Overlay.OutlierDetection outliers:
                ClusterOverlays.SetOutlierDetection((Cluster)message, outliers, patch);
                break;
            case Overlay.CircuitBreakers breakers:
                ClusterOverlays.SetBreakers((Cluster)message, breakers, patch);
                break;
            default:
                patch.Refuse($"{overlay.GetType().Name} is no overlay that can be laid");
                break;
        }
    }
}
