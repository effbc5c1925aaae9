using SelfHeal.Core.Time;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Xds.Sessions;

/// <summary>
/// What one stream is served: the intended snapshot, and with it clusters and assignments that are gone from it but may
/// still be in use by the routes that the client holds (make before break, second phase).
/// </summary>
/// <param name="lingeringMax">Beyond it what vanishes goes at once.</param>
internal sealed class ServedView(int lingeringMax)
{
    private static readonly string[] UpstreamTypes = [TypeUrl.Cluster, TypeUrl.ClusterLoadAssignment];

    private readonly Dictionary<(string TypeUrl, string Name), Lingering> _lingering = [];
    private readonly Dictionary<string, ResourceSet> _merged = new(StringComparer.Ordinal);

    /// <summary>What is intended; null until there is anything to serve.</summary>
    public ValidatedSnapshot? Target { get; private set; }

    public bool HasLingering => _lingering.Count > 0;

    public ResourceSet Get(string typeUrl) =>
        _merged.GetValueOrDefault(typeUrl) ?? Target?.Get(typeUrl) ?? ResourceSet.Empty(typeUrl);

    /// <summary>
    /// Intends another snapshot and keeps what vanished with it as long as <paramref name="wasSent"/> says so.
    /// </summary>
    public void Retarget(ValidatedSnapshot next, Func<XdsResource, bool> wasSent)
    {
        foreach (var typeUrl in UpstreamTypes)
        {
            var before = Get(typeUrl);
            var after = next.Get(typeUrl);
            foreach (var resource in before.Resources)
            {
                var key = (typeUrl, resource.Name);
                if (after.Find(resource.Name) is not null)
                    _lingering.Remove(key);
                else if (_lingering.Count < lingeringMax && wasSent(resource))
                    _lingering.TryAdd(key, new Lingering(resource));
            }
        }
        Target = next;
        Merge();
    }

    /// <summary>Lets everything go: the routes that no longer use it are acknowledged.</summary>
    public void Release()
    {
        _lingering.Clear();
        Merge();
    }

    /// <summary>Lets go what was kept long enough.</summary>
    /// <returns>True if anything went.</returns>
    public bool OnTick(ControlTime now, TimeSpan max)
    {
        var expired = new List<(string TypeUrl, string Name)>();
        foreach (var (key, lingering) in _lingering)
        {
            lingering.FirstSeen ??= now;
            if (now.Since(lingering.FirstSeen.Value) >= max)
                expired.Add(key);
        }
        foreach (var key in expired)
            _lingering.Remove(key);
        if (expired.Count > 0)
            Merge();
        return expired.Count > 0;
    }

    private void Merge()
    {
        _merged.Clear();
        if (Target is null)
            return;
        foreach (var typeUrl in UpstreamTypes)
        {
            var kept = _lingering.Values
                .Select(lingering => lingering.Resource)
                .Where(resource => string.Equals(resource.TypeUrl, typeUrl, StringComparison.Ordinal))
                .ToArray();
            if (kept.Length > 0)
                _merged[typeUrl] = ResourceSet.Create(typeUrl, Target.Get(typeUrl).Resources.Concat(kept));
        }
    }

    private sealed class Lingering(XdsResource resource)
    {
        public XdsResource Resource { get; } = resource;

        public ControlTime? FirstSeen { get; set; }
    }
}
