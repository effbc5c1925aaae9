using Envoy.Config.Cluster.V3;
using Envoy.Service.Runtime.V3;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.Core.Remediation;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Xds.Overlays;

/// <summary>Runtime keys of circuit breakers: no new cluster, no warming, and every other key stays.</summary>
internal static class RuntimeOverlays
{
    public static void SetBreakers(
        Runtime runtime, Overlay.RuntimeBreakers overlay, ValidatedSnapshot intended, OverlayPatch patch)
    {
        // A key of a cluster that is not there is no error to Envoy; it would look laid and do nothing.
        var clusters = intended.Get(TypeUrl.Cluster);
        if (clusters.Find(overlay.Cluster) is not { } resource)
        {
            patch.Refuse($"there is no Cluster '{overlay.Cluster}'; "
                + OverlayPatch.Expected(clusters.Resources.Select(static c => c.Name)));
            return;
        }

        if (!ClusterOverlays.IsUsable(resource.Decode() as Cluster, overlay.Priority, overlay.Limits, patch))
            return;
        foreach (var (setting, limit) in ClusterOverlays.Limits(overlay.Limits))
        {
            if (limit is { } value)
                SetKey(runtime, KeyOf(overlay, setting), Value.ForNumber(value), patch);
        }
    }

    private static string KeyOf(Overlay.RuntimeBreakers overlay, string setting)
    {
        var priority = overlay.Priority == BreakerPriority.High ? "high" : "default";
        return $"circuit_breakers.{overlay.Cluster}.{priority}.{setting}";
    }

    /// <summary>
    /// Envoy joins the names of nested structures with dots, so one key can be written in several ways, and where it is
    /// written twice either may win: it is set wherever it stands.
    /// </summary>
    private static void SetKey(Runtime runtime, string key, Value value, OverlayPatch patch)
    {
        var places = new List<Struct>();
        var names = new List<string>();
        if (runtime.Layer is not null)
            Find(runtime.Layer, "", key, places, names);
        for (var index = 0; index < places.Count; index++)
        {
            var (place, name) = (places[index], names[index]);
            patch.Set(place.Fields[name], value, set => place.Fields[name] = set);
        }

        if (places.Count == 0)
            patch.Set(null, value, set => (runtime.Layer ??= new Struct()).Fields.Add(key, set));
    }

    private static void Find(Struct layer, string prefix, string key, List<Struct> places, List<string> names)
    {
        foreach (var (name, value) in layer.Fields)
        {
            var full = prefix + name;
            if (string.Equals(full, key, StringComparison.Ordinal))
            {
                places.Add(layer);
                names.Add(name);
            }
            else if (value.KindCase == Value.KindOneofCase.StructValue
                && key.StartsWith(full + ".", StringComparison.Ordinal))
                Find(value.StructValue, full + ".", key, places, names);
        }
    }
}
