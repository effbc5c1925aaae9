using System.Collections.Immutable;
using SelfHeal.Core.Remediation;
using SelfHeal.Xds.Overlays;
using SelfHeal.Xds.Resources;

namespace SelfHeal.Xds.Snapshots;

/// <summary>Merges the intended configuration with the overlays that lie on it.</summary>
/// <param name="validator">Checks the result.</param>
public sealed class SnapshotBuilder(SnapshotValidator validator)
{
    /// <summary>Lays the overlays on and validates the result.</summary>
    /// <param name="intended">The configuration as its source declares it.</param>
    /// <param name="overlays">In any order; they compose in the ordinal order of their ids.</param>
    public SnapshotBuild Build(ValidatedSnapshot intended, IReadOnlyList<WeightOverlay> overlays)
    {
        ArgumentNullException.ThrowIfNull(intended);
        ArgumentNullException.ThrowIfNull(overlays);
        var routes = intended.Get(TypeUrl.RouteConfiguration);
        var errors = new List<OverlayError>();
        var patched = new List<XdsResource>();
        foreach (var name in overlays.Select(overlay => overlay.RouteConfiguration).Distinct(StringComparer.Ordinal))
        {
            if (routes.Find(name) is not { } route)
            {
                errors.AddRange(overlays
                    .Where(overlay => string.Equals(overlay.RouteConfiguration, name, StringComparison.Ordinal))
                    .Select(overlay => new OverlayError(overlay.Id, name, $"there is no RouteConfiguration '{name}'")));
                continue;
            }
            var result = WeightOverlayTranslator.Apply(route, overlays);
            errors.AddRange(result.Errors);
            if (!ReferenceEquals(result.Resource, route))
                patched.Add(result.Resource);
        }
        var ordered = errors.OrderBy(error => error.OverlayId, StringComparer.Ordinal).ToImmutableArray();
        if (patched.Count == 0)
            return new SnapshotBuild(intended, [], ordered);
        var validation = validator.Validate(intended.AsSnapshot().Replace(patched));
        return new SnapshotBuild(validation.Snapshot, validation.Errors, ordered);
    }
}
