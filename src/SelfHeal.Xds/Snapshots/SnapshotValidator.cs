using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Resources.Descriptors;

namespace SelfHeal.Xds.Snapshots;

/// <summary>
/// Turns a <see cref="Snapshot"/> into a <see cref="ValidatedSnapshot"/>, or says all that stands against it: rules of
/// the API, names that point nowhere, duplicates.
/// </summary>
/// <param name="options">What may be taken for granted.</param>
public sealed class SnapshotValidator(SnapshotValidatorOptions options)
{
    /// <summary>
    /// Errors kept per snapshot: more than anybody reads; the rest is dropped and a last error says so.
    /// </summary>
    public const int MaxErrors = 1000;

    private volatile DescriptorIndex _types = options.Types;

    /// <summary>A validator with the default options.</summary>
    public SnapshotValidator()
        : this(new SnapshotValidatorOptions())
    {
    }

    /// <summary>Checks by these types from now on: the descriptor sets were replaced.</summary>
    /// <param name="types">All types whose rules count.</param>
    public void UseTypes(DescriptorIndex types)
    {
        ArgumentNullException.ThrowIfNull(types);
        _types = types;
    }

    /// <summary>Checks everything and collects every error.</summary>
    /// <param name="snapshot">The intended snapshot.</param>
    public SnapshotValidation Validate(Snapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var errors = new List<SnapshotError>();
        foreach (var duplicate in snapshot.Duplicates)
            errors.Add(Error(duplicate, string.Empty, "another resource of this type has the same name"));
        foreach (var resource in snapshot.Sets.Values.SelectMany(set => set.Resources))
        {
            CheckResource(resource, errors);
            if (options.CheckReferences)
                CheckReferences(snapshot, resource, errors);
        }
        return Conclude(snapshot, errors);
    }

    /// <summary>
    /// Checks a change of a snapshot that was checked before, under the same options, and costs what changed. As no
    /// name goes, everything that unchanged resources point at is still there: the verdict is that of
    /// <see cref="Validate"/> on the whole.
    /// </summary>
    /// <param name="before">The snapshot that was checked.</param>
    /// <param name="changed">Resources that it has with other content, or that come to it; each name once.</param>
    public SnapshotValidation ValidateChange(ValidatedSnapshot before, IReadOnlyCollection<XdsResource> changed)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(changed);
        var snapshot = before.AsSnapshot().Replace(changed);
        var errors = changed
            .OrderBy(static resource => resource.TypeUrl, TypeUrl.Comparer)
            .ThenBy(static resource => resource.Name, StringComparer.Ordinal)
            .SelectMany(resource => Check(snapshot, resource))
            .ToList();
        return Conclude(snapshot, errors);
    }

    /// <summary>Everything that stands against one resource among those of a snapshot.</summary>
    internal List<SnapshotError> Check(Snapshot among, XdsResource resource)
    {
        var errors = new List<SnapshotError>();
        CheckResource(resource, errors);
        if (options.CheckReferences)
            CheckReferences(among, resource, errors);
        return errors;
    }

    private static SnapshotValidation Conclude(Snapshot snapshot, List<SnapshotError> errors)
    {
        if (errors.Count > MaxErrors)
        {
            var last = errors[MaxErrors];
            errors.RemoveRange(MaxErrors, errors.Count - MaxErrors);
            errors.Add(last with
            {
                Field = string.Empty,
                Message = $"more than {MaxErrors} errors; the rest is not shown",
            });
        }
        return new SnapshotValidation(errors.Count == 0 ? new ValidatedSnapshot(snapshot) : null, [.. errors]);
    }

    private void CheckResource(XdsResource resource, List<SnapshotError> errors)
    {
        if (resource.Name.Length == 0)
            errors.Add(Error(resource, "name", "must not be empty"));
        var findings = _types.FindingsOf(resource);
        if (!resource.Facts.IsDecodable || !findings.IsDecodable)
            errors.Add(Error(resource, string.Empty, "the bytes are not a message of this type"));
        foreach (var (field, message) in options.CheckRules ? findings.Findings : [])
        {
            // Told above for every type, so not once more by the API's own rule.
            if (resource.Name.Length > 0 || field is not ("name" or "cluster_name"))
                errors.Add(Error(resource, field, message));
        }
        foreach (var (field, message) in resource.Facts.Problems)
            errors.Add(Error(resource, field, message));
    }

    private void CheckReferences(Snapshot snapshot, XdsResource resource, List<SnapshotError> errors)
    {
        var facts = resource.Facts;
        if (facts.EndpointName is { } endpoints && snapshot.Get(TypeUrl.ClusterLoadAssignment).Find(endpoints) is null)
            errors.Add(Error(resource, "eds_cluster_config", $"there is no ClusterLoadAssignment '{endpoints}'"));
        foreach (var (field, name) in facts.Clusters)
        {
            if (snapshot.Get(TypeUrl.Cluster).Find(name) is null && !options.StaticClusters.Contains(name))
                errors.Add(Error(resource, field, $"there is no Cluster '{name}'"));
        }
        foreach (var (field, name) in facts.RouteConfigurations)
        {
            if (snapshot.Get(TypeUrl.RouteConfiguration).Find(name) is null)
                errors.Add(Error(resource, field, $"there is no RouteConfiguration '{name}'"));
        }
    }

    private static SnapshotError Error(XdsResource resource, string field, string message) =>
        new(resource.TypeUrl, resource.Name, field, message);
}
