using System.Collections.Immutable;
using Envoy.Service.Runtime.V3;
using SelfHeal.Core;
using SelfHeal.Core.Control;
using SelfHeal.Core.Remediation;
using SelfHeal.Sidecar.Overlays;
using SelfHeal.Sidecar.Xds;
using SelfHeal.Xds.Groups;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Sidecar.Delegation;

/// <content>From what upstreams gave to what the judgement is told.</content>
internal sealed partial class RelayConfiguration
{
    // What says which version of which service a route chooses; endpoints change all the time and say nothing of it.
    private static readonly ImmutableArray<string> JudgedTypes =
    [
        TypeUrl.Cluster, TypeUrl.Listener, TypeUrl.ScopedRouteConfiguration, TypeUrl.RouteConfiguration,
        TypeUrl.VirtualHost,
    ];

    // A VirtualService that a human changes is known to the judgement within this and a little more.
    private static readonly TimeSpan RestMax = TimeSpan.FromMilliseconds(700);

    private TimeSpan _rest;
    private string _judgedVersions = "";

    /// <summary>Looks at what the open streams were given.</summary>
    private void Look()
    {
        Interlocked.Exchange(ref _isLookDue, 0);
        var start = _time.GetTimestamp();
        ImmutableArray<(string Node, ValidatedSnapshot Given)> given =
        [
            .. _hub.Streams.Where(static stream => stream.Node is not null && stream.Given is { Sets.Count: > 0 })
                .Select(static stream => (stream.Node!.Id, stream.Given!)), // Chosen so.
        ];
        // An Envoy that is away is no reason to forget what there is to be judged.
        if (given.IsEmpty || (given.SequenceEqual(_given) && _missingSince is null))
            return;
        _given = given;
        Tell(given);
        Refresh();
        _rest = TimeSpan.FromTicks(Math.Min(_time.GetElapsedTime(start).Ticks * RestFactor, RestMax.Ticks));
    }

    /// <summary>The judgement hears of the source's change before it hears what that did to overlays.</summary>
    private void Tell(ImmutableArray<(string Node, ValidatedSnapshot Given)> given)
    {
        // Nodes that were given the same are one; the first content of a name counts, as in every union of groups.
        _union = GroupUnion.Of([.. given.DistinctBy(static each => VersionsOf(each.Given), StringComparer.Ordinal)]);
        if (_topology is not null && VersionsOf(_union.Snapshot) == _judgedVersions)
            return;
        if (IsRouteMissing(_union.Snapshot))
            return;
        _judgedVersions = VersionsOf(_union.Snapshot);
        var topology = TopologyReader.Read(_union.Snapshot);
        _topology = topology;
        _inbox.Post(new ControlEvent.TopologyChanged(topology));
    }

    private static string VersionsOf(ValidatedSnapshot snapshot) =>
        string.Join(' ', JudgedTypes.Select(type => snapshot.Get(type).Version));

    /// <summary>
    /// Whether a route that carries a change of the control loop is with nobody, and that for a short time only:
    /// whoever has it may be on its way back.
    /// </summary>
    private bool IsRouteMissing(ValidatedSnapshot union)
    {
        var routes = union.Get(TypeUrl.RouteConfiguration);
        var isMissing = _book.Entries.Any(entry => entry.Overlay.Owner == LoopOverlay.Owner
            && entry.Overlay.Carrier == OverlayCarrier.Rds && routes.Find(entry.Overlay.Resource) is null);
        if (!isMissing)
        {
            _missingSince = null;
            return false;
        }

        _missingSince ??= _time.GetTimestamp();
        return _time.GetElapsedTime(_missingSince.Value) < MissingMax;
    }

    /// <summary>Lays what is in force on what was given, so that it is known how each overlay stands, and lets the
    /// streams do the same.</summary>
    private void Refresh()
    {
        if (_union is { } union && _topology is { } topology)
        {
            var distinct = _given.Select(static each => each.Given).Distinct().ToImmutableArray();
            var builds = _book.LayOn(distinct);
            var byGiven = distinct.Zip(builds)
                .ToDictionary(static pair => pair.First, static pair => pair.Second.Snapshot);
            var served = GroupUnion.Of(
                [.. _given.DistinctBy(static each => each.Given).Select(each => (each.Node, byGiven[each.Given]))]);
            var next = new ServedConfiguration(
                served.Snapshot, union.Snapshot, topology, ServedConfiguration.ByRoute(builds))
            {
                Groups = _given.DistinctBy(static each => each.Node, StringComparer.Ordinal).ToImmutableDictionary(
                    static each => each.Node, static each => each.Given, StringComparer.Ordinal),
            };
            _served = next;
            // Before any proxy can have it: an answer must find what it answers.
            _registry.OnServed(next);
            _board.Tell(next.Snapshot);
        }

        Publish();
        foreach (var (overlay, _, problem) in _book.RefusedOfTheLoop)
            _inbox.Post(new ControlEvent.OverlayRefused(overlay.Id, problem));
    }

    /// <summary>Our layers for those who ask for them on a stream of their own, where there are no clusters to lay
    /// anything on.</summary>
    private void PublishRuntime()
    {
        ImmutableArray<XdsResource> made = _served?.Snapshot.Get(TypeUrl.Runtime).Resources ?? [];
        var names = made.Select(static layer => layer.Name).ToHashSet(StringComparer.Ordinal);
        var missing = _hub.Overlays.Layers.Where(layer => !names.Contains(layer))
            .Select(static layer => XdsResource.FromMessage(new Runtime { Name = layer }));
        var layers = _validator.Validate(Snapshot.Create(made.Concat(missing))).Snapshot;
        Invariant.Assert(layers is not null, "layers that overlays made have been checked");
        if (layers.Get(TypeUrl.Runtime).Version != _runtimeHub.Default.Snapshot?.Get(TypeUrl.Runtime).Version)
            _runtimeHub.Publish(layers);
    }

    private void Publish()
    {
        var overlays = _book.InForce(_options.RuntimeLayers);
        var before = _hub.Overlays;
        if (!overlays.Overlays.SequenceEqual(before.Overlays) || !overlays.Layers.SequenceEqual(before.Layers)
            || overlays.Bases.Count != before.Bases.Count || overlays.Bases.Except(before.Bases).Any())
            _hub.Publish(overlays);
        PublishRuntime();
    }
}
