using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using SelfHeal.Core.Remediation;
using SelfHeal.Xds.Delegation;
using SelfHeal.Xds.Overlays;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Sidecar.Overlays;

/// <summary>
/// Every overlay of the process: those that the ledger says are in force, those that the control loop asks for, and
/// those of the in-process API. One loop owns it; what is listed may be read from anywhere.
/// </summary>
internal sealed partial class OverlayBook
{
    // Overlays answer incidents, a few at a time; a thousand is a caller that has lost count, and it is told so.
    public const int Limit = 1024;

    // A proxy's bootstrap names a handful of layers. Past this many the oldest is forgotten, and a proxy that still
    // holds its keys over SotW keeps them until its next start.
    private const int EmptyLayerLimit = 64;

    private readonly SortedDictionary<string, OverlayEntry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _deadlines = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _rejected = new(StringComparer.Ordinal);
    private readonly List<string> _order = [];
    private readonly List<string> _layers = [];
    private readonly Dictionary<string, string> _sourceSays = new(StringComparer.Ordinal);
    private readonly SnapshotBuilder _builder;
    private readonly HashSet<string> _stoodDown = new(StringComparer.Ordinal);
    private readonly bool _isRelayed;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private ImmutableArray<ValidatedSnapshot> _bases = [];
    private volatile IReadOnlyList<OverlayEntry> _listed = [];

    /// <summary>A book that begins with what the ledger says is in force.</summary>
    /// <param name="inForce">Changes of the control loop.</param>
    /// <param name="builder">Lays overlays on a configuration.</param>
    /// <param name="time">The process's clock.</param>
    /// <param name="logger">Where comings and goings are told.</param>
    /// <param name="relayedBases">For configuration that an upstream gives: what it said of each of these changes when
    /// it was decided. There the source wins as soon as it says something else, and what no proxy has is waited for.
    /// Null: the configuration is our own.</param>
    public OverlayBook(
        IEnumerable<WeightOverlay> inForce,
        SnapshotBuilder builder,
        TimeProvider time,
        ILogger logger,
        IReadOnlyDictionary<string, string>? relayedBases = null)
    {
        ArgumentNullException.ThrowIfNull(inForce);
        _isRelayed = relayedBases is not null;
        _builder = builder;
        _time = time;
        _logger = logger;
        foreach (var change in inForce)
        {
            _entries.Add(change.Id, new OverlayEntry(LoopOverlay.Of(change), OverlayState.Waiting, ""));
            _order.Add(change.Id);
            if (relayedBases?.GetValueOrDefault(change.Id) is { } basis)
                _sourceSays.Add(change.Id, basis);
        }

        List();
    }

    /// <summary>Every overlay as it stands, in the ordinal order of their ids. From any thread.</summary>
    public IReadOnlyList<OverlayEntry> Entries => _listed;

    /// <summary>
    /// Changes of the control loop that do not fit. What the source has overtaken is not among them: the loop hears of
    /// that change itself, and concludes.
    /// </summary>
    public IEnumerable<OverlayEntry> RefusedOfTheLoop => _entries.Values.Where(
        entry => entry is { State: OverlayState.Refused, Overlay.Owner: LoopOverlay.Owner }
            && !HasStoodDown(entry.Overlay.Id));

    /// <summary>What relays lay on whatever the upstream gives.</summary>
    /// <param name="ownLayers">Runtime layers that are there even without overlays.</param>
    public OverlaysInForce InForce(ImmutableArray<string> ownLayers) => new(
        [.. _entries.Values.Select(static entry => entry.Overlay).Where(o => !HasStoodDown(o.Id))],
        OverlayBasis.None.AddRange(_sourceSays),
        [.. ownLayers.Union(_layers, StringComparer.Ordinal)]);

    /// <summary>Rises with every change of what is to be laid: then it is time for <see cref="LayOn"/>.</summary>
    public long Version { get; private set; }

    /// <summary>Takes a change of the control loop; if it does not fit, <see cref="LayOn"/> says so.</summary>
    /// <param name="change">As the control loop asks for it.</param>
    public void Put(WeightOverlay change) => Put(LoopOverlay.Of(change));

    /// <summary>Takes an overlay if it fits, and if none that is laid would have to go for it.</summary>
    /// <param name="overlay">The change.</param>
    /// <returns>Why it was not taken; empty if it was.</returns>
    public string TryPut(Overlay overlay)
    {
        ArgumentNullException.ThrowIfNull(overlay);
        var problem = OverlayRules.Problem(overlay, _time.GetUtcNow());
        var previous = _entries.GetValueOrDefault(overlay.Id ?? "");
        if (problem.Length > 0)
            return problem;
        if (previous is not null && previous.Overlay.Owner != overlay.Owner)
            return $"overlay '{overlay.Id}' is of '{previous.Overlay.Owner}'; expected an id of your own";
        if (previous is null && _entries.Count == Limit)
            return $"there are {Limit} overlays, the most there may be; expected some to be withdrawn first";
        if (Rehearse(overlay) is { Length: > 0 } refusal)
            return refusal;
        Put(overlay);
        return "";
    }

    /// <summary>Takes an overlay away.</summary>
    /// <param name="id">The overlay.</param>
    /// <param name="owner">Whose it must be; nobody takes away what another has laid.</param>
    /// <param name="reason">Why it goes.</param>
    /// <returns>Why it was not taken away; empty if it was.</returns>
    public string TryRemove(string id, string owner, string reason)
    {
        ArgumentNullException.ThrowIfNull(id);
        if (!_entries.TryGetValue(id, out var entry))
            return $"there is no overlay '{id}'; expected one that is listed";
        if (entry.Overlay.Owner != owner)
            return $"overlay '{id}' is of '{entry.Overlay.Owner}', which alone may withdraw it, not '{owner}'";
        Remove(entry.Overlay, reason);
        return "";
    }

    /// <summary>Takes away what has outlived its expiry. It needs nobody who decides: no change stays for ever.
    /// </summary>
    public void Expire()
    {
        var now = _time.GetTimestamp();
        foreach (var id in _deadlines.Where(pair => pair.Value <= now).Select(static pair => pair.Key).ToList())
            Remove(_entries[id].Overlay, "it has expired");
    }

    /// <summary>
    /// A proxy certainly rejects a resource as it is served, overlays included: the overlay of the API that was laid
    /// on it last is taken out of what is served, and stays listed with the proxy's words until somebody withdraws or
    /// replaces it. If that was not the culprit, the next rejection takes the next. Changes of the control loop are its
    /// own to judge.
    /// </summary>
    /// <param name="typeUrl">The resource's type.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="node">The proxy.</param>
    /// <param name="words">What it said.</param>
    /// <returns>Whether there was one.</returns>
    public bool TryReject(string typeUrl, string name, string node, string words)
    {
        var culprit = _order.FindLast(id => _entries[id] is { State: OverlayState.Laid, Overlay: var overlay }
            && overlay.Owner != LoopOverlay.Owner
            && overlay.Resource == name
            && OverlayTranslator.TypeOf(overlay.Carrier) == typeUrl);
        if (culprit is null)
            return false;
        var problem = $"{node} rejected it: {words}";
        var rejected = _entries[culprit].Overlay;
        _rejected[culprit] = problem;
        _entries[culprit] = new OverlayEntry(rejected, OverlayState.Refused, problem);
        LogRefused(_logger, culprit, rejected.Owner, Where(rejected), problem);
        Changed();
        return true;
    }

    /// <summary>Whether an overlay lies nowhere, and does not come back, because its source has spoken since or a proxy
    /// rejected it.</summary>
    /// <param name="id">The overlay.</param>
    public bool HasStoodDown(string id) => _stoodDown.Contains(id) || _rejected.ContainsKey(id);

    /// <summary>How an overlay stands; null if there is none of this id.</summary>
    /// <param name="id">The overlay.</param>
    public OverlayEntry? Find(string id) => _entries.GetValueOrDefault(id);

    /// <summary>
    /// Lays every overlay that fits on each of several configurations, one per group of proxies. An overlay counts as
    /// laid if it lies on any of them.
    /// </summary>
    /// <param name="bases">What the source declares, without overlays.</param>
    /// <returns>As many, in the same order.</returns>
    public ImmutableArray<SnapshotBuild> LayOn(ImmutableArray<ValidatedSnapshot> bases)
    {
        var overlays = _entries.Values.Select(static entry => entry.Overlay)
            .Where(overlay => !HasStoodDown(overlay.Id)).ToList();
        var sourceSays = _isRelayed ? _sourceSays : null;
        ImmutableArray<SnapshotBuild> builds =
            [.. bases.Select(of => _builder.Build(of, overlays, _layers, sourceSays))];
        _bases = bases;
        foreach (var (id, basis) in builds.SelectMany(static build => build.Bases))
            sourceSays?.TryAdd(id, basis);
        var laid = builds.SelectMany(static build => build.Laid).Select(static overlay => overlay.Id)
            .ToHashSet(StringComparer.Ordinal);
        foreach (var overlay in overlays)
        {
            var problem = laid.Contains(overlay.Id) ? "" : ProblemOf(overlay, builds);
            var state = problem.Length == 0 ? OverlayState.Laid
                : _isRelayed && !IsThere(overlay, bases) ? OverlayState.Waiting
                : OverlayState.Refused;
            if (state == OverlayState.Refused && _entries[overlay.Id].Problem != problem)
                LogRefused(_logger, overlay.Id, overlay.Owner, Where(overlay), problem);
            _entries[overlay.Id] = new OverlayEntry(overlay, state, problem);
            if (state == OverlayState.Laid && overlay is Overlay.RuntimeBreakers { Layer: var layer })
                RememberLayer(layer);
            if (state == OverlayState.Refused && IsSourceChanged(overlay, builds))
                StandDown(overlay, problem);
        }

        List();
        return builds;
    }

    private static bool IsThere(Overlay overlay, ImmutableArray<ValidatedSnapshot> bases) => bases.Any(
        of => of.Get(OverlayTranslator.TypeOf(overlay.Carrier)).Find(overlay.Resource) is not null);

    /// <summary>Whether an overlay that lies nowhere was stood down by what the source says now.</summary>
    private static bool IsSourceChanged(Overlay overlay, ImmutableArray<SnapshotBuild> builds) => builds
        .Any(build => build.Refused.Any(error => error.OverlayId == overlay.Id && error.IsSourceChanged));

    /// <summary>
    /// It does not come back when the source says again what it said before: that would be a change that nobody
    /// decided. A change of the control loop is the loop's to take back, with a record.
    /// </summary>
    private void StandDown(Overlay overlay, string problem)
    {
        if (overlay.Owner == LoopOverlay.Owner)
            _stoodDown.Add(overlay.Id);
        else
            _rejected[overlay.Id] = problem;
        Version++;
    }

    private static string ProblemOf(Overlay overlay, ImmutableArray<SnapshotBuild> builds) => builds
        .SelectMany(static build => build.Refused)
        .Where(error => error.OverlayId == overlay.Id)
        .Select(static error => error.Message)
        .FirstOrDefault("there is nothing that it could be laid on");

    private static string Where(Overlay overlay) =>
        $"{TypeUrl.FullName(OverlayTranslator.TypeOf(overlay.Carrier))} '{overlay.Resource}'";

    /// <summary>What would stand against an overlay if it were laid now; nothing while nothing is served.</summary>
    private string Rehearse(Overlay overlay)
    {
        if (_bases.IsEmpty)
            return "";
        List<Overlay> overlays =
        [
            .. _entries.Values.Select(static entry => entry.Overlay)
                .Where(other => other.Id != overlay.Id && !HasStoodDown(other.Id)),
            overlay,
        ];
        ImmutableArray<SnapshotBuild> builds = [.. _bases.Select(of => _builder.Build(of, overlays, _layers))];
        if (!builds.Any(build => build.Laid.Contains(overlay)))
            return $"{Where(overlay)}: {ProblemOf(overlay, builds)}";
        var laid = builds.SelectMany(static build => build.Laid).Select(static other => other.Id)
            .ToHashSet(StringComparer.Ordinal);
        var pushedOut = _entries.Values.FirstOrDefault(entry =>
            entry.State == OverlayState.Laid && entry.Overlay.Id != overlay.Id && !laid.Contains(entry.Overlay.Id));
        return pushedOut is null
            ? ""
            : $"{Where(overlay)}: overlay '{pushedOut.Overlay.Id}' of '{pushedOut.Overlay.Owner}' would have to go: "
                + ProblemOf(pushedOut.Overlay, builds);
    }

    private void Put(Overlay overlay)
    {
        _entries[overlay.Id] = new OverlayEntry(overlay, OverlayState.Waiting, "");
        Forget(overlay.Id);
        _order.Add(overlay.Id);
        if (overlay.ExpiresAt is { } expiresAt)
        {
            // From here on the monotonic clock counts: a wall clock that is set back must not prolong a change.
            var left = expiresAt - _time.GetUtcNow();
            var ticks = (long)Math.Ceiling(left.TotalSeconds * _time.TimestampFrequency);
            _deadlines.Add(overlay.Id, _time.GetTimestamp() + ticks);
        }

        LogPut(
            _logger, overlay.Id, overlay.Owner, Where(overlay), overlay.ExpiresAt, overlay.IncidentId, overlay.Reason);
        Changed();
    }

    private void Remove(Overlay overlay, string reason)
    {
        _entries.Remove(overlay.Id);
        Forget(overlay.Id);
        LogRemoved(_logger, overlay.Id, overlay.Owner, Where(overlay), reason);
        Changed();
    }

    private void Forget(string id)
    {
        _deadlines.Remove(id);
        _rejected.Remove(id);
        _sourceSays.Remove(id);
        _stoodDown.Remove(id);
        _order.Remove(id);
    }

    private void RememberLayer(string layer)
    {
        if (_layers.Contains(layer, StringComparer.Ordinal))
            return;
        if (_layers.Count == EmptyLayerLimit)
            _layers.RemoveAt(0);
        _layers.Add(layer);
    }

    private void Changed()
    {
        Version++;
        List();
    }

    private void List() => _listed = [.. _entries.Values];
}
