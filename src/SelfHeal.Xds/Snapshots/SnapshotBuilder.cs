using System.Collections.Immutable;
using SelfHeal.Core;
using SelfHeal.Core.Remediation;
using SelfHeal.Xds.Overlays;
using SelfHeal.Xds.Resources;

namespace SelfHeal.Xds.Snapshots;

/// <summary>
/// Merges the intended configuration with the overlays that lie on it. Only resources that an overlay selects are
/// decoded, encoded and checked, however many there are.
/// </summary>
/// <param name="validator">Checks the result; with the options under which the intended configuration was checked.
/// </param>
public sealed class SnapshotBuilder(SnapshotValidator validator)
{
    /// <summary>
    /// Lays the overlays on. One that does not fit, or whose result could not be served, is left out as a whole, and
    /// the others stay.
    /// </summary>
    /// <param name="intended">The configuration as its source declares it.</param>
    /// <param name="overlays">In any order; they compose in the ordinal order of their ids.</param>
    /// <param name="emptyLayers">Runtime layers that are served empty where the source has none of the name and no
    /// overlay makes one: what a proxy holds of a layer that overlays made goes only when it gets another content, as
    /// SotW cannot remove one.</param>
    /// <param name="bases">By overlay, what the source said when it was laid first; see
    /// <see cref="OverlayTranslator.Apply"/>.</param>
    public SnapshotBuild Build(
        ValidatedSnapshot intended,
        IReadOnlyCollection<Overlay> overlays,
        IEnumerable<string>? emptyLayers = null,
        IReadOnlyDictionary<string, string>? bases = null)
    {
        ArgumentNullException.ThrowIfNull(intended);
        ArgumentNullException.ThrowIfNull(overlays);
        var results = overlays
            .GroupBy(static overlay => (Type: OverlayTranslator.TypeOf(overlay.Carrier), overlay.Resource))
            .Select(group => Lay(intended, group.Key.Type, group.Key.Resource, [.. group], bases))
            .ToList();
        var changed = results
            .Where(result => result.Resource is { } resource
                && !ReferenceEquals(resource, intended.Get(resource.TypeUrl).Find(resource.Name)))
            .Select(static result => result.Resource!) // The line above.
            .ToList();
        foreach (var layer in (emptyLayers ?? []).Order(StringComparer.Ordinal))
        {
            if (intended.Get(TypeUrl.Runtime).Find(layer) is null && !changed.Exists(r => IsLayer(r, layer)))
                changed.Add(XdsResource.FromMessage(new Envoy.Service.Runtime.V3.Runtime { Name = layer }));
        }

        return new SnapshotBuild(
            changed.Count == 0 ? intended : Merge(intended, changed),
            [.. results.SelectMany(static r => r.Laid).OrderBy(static o => o.Id, StringComparer.Ordinal)],
            [.. results.SelectMany(static r => r.Errors).OrderBy(static e => e.OverlayId, StringComparer.Ordinal)])
        {
            Bases = OverlayBasis.None.AddRange(results.SelectMany(static r => r.Bases)),
        };
    }

    private static bool IsLayer(XdsResource resource, string layer) =>
        resource.TypeUrl == TypeUrl.Runtime && resource.Name == layer;

    private ValidatedSnapshot Merge(ValidatedSnapshot intended, List<XdsResource> changed)
    {
        var validation = validator.ValidateChange(intended, changed);
        Invariant.Assert(validation.Snapshot is not null, "what every changed resource passed, all pass");
        return validation.Snapshot;
    }

    /// <summary>Lays the overlays of one resource on. Where the result breaks a rule, they are tried one after the
    /// other, so that only those are left out that break it.</summary>
    private OverlayResult Lay(
        ValidatedSnapshot intended,
        string typeUrl,
        string name,
        ImmutableArray<Overlay> overlays,
        IReadOnlyDictionary<string, string>? bases)
    {
        try
        {
            return LayChecked(intended, typeUrl, name, overlays, bases);
        }
        catch (Exception error)
        {
            // A defect of ours: it must not take the overlays of other resources with it, nor what the source changed,
            // and whoever laid these must hear that they are not in force.
            return new OverlayResult(null, [], [.. overlays.Select(overlay =>
                OverlayTranslator.Error(overlay, $"it cannot be laid: {error.Message}"))]);
        }
    }

    private OverlayResult LayChecked(
        ValidatedSnapshot intended,
        string typeUrl,
        string name,
        ImmutableArray<Overlay> overlays,
        IReadOnlyDictionary<string, string>? bases)
    {
        var whole = OverlayTranslator.Apply(intended, typeUrl, name, overlays, bases);
        if (Problem(intended, whole).Length == 0)
            return whole;
        var best = OverlayTranslator.Apply(intended, typeUrl, name, []);
        var errors = ImmutableArray.CreateBuilder<OverlayError>();
        foreach (var overlay in overlays.OrderBy(static overlay => overlay.Id, StringComparer.Ordinal))
        {
            var next = OverlayTranslator.Apply(intended, typeUrl, name, [.. best.Laid, overlay], bases);
            if (!next.Errors.IsEmpty)
                errors.AddRange(next.Errors);
            else if (Problem(intended, next) is { Length: > 0 } problem)
                errors.Add(OverlayTranslator.Error(overlay, problem));
            else
                best = next;
        }

        return best with { Errors = errors.ToImmutable() };
    }

    /// <summary>What stands against a resource under its overlays; the source's own was checked before.</summary>
    private string Problem(ValidatedSnapshot intended, OverlayResult result) =>
        result.Resource is not { } resource || result.Laid.IsEmpty
            ? ""
            : string.Join(
                "; ", validator.Check(intended.AsSnapshot(), resource).Select(static error => error.ToString()));
}
