using System.Collections.Immutable;
using Envoy.Config.Endpoint.V3;
using Envoy.Config.Route.V3;
using SelfHeal.Xds.Resources;

namespace SelfHeal.FunctionalTests.Delegation;

/// <summary>
/// Which resources Istiod sends for a question. Types differ: see the generators of its pilot/pkg/xds (cds.go, eds.go,
/// lds.go, rds.go, sds.go, ecds.go, nds.go, workload.go).
/// </summary>
internal static class IstiodGenerator
{
    /// <summary>Answers a question; null: not even an empty response is sent.</summary>
    public static IstiodYield? Generate(IstiodQuestion question)
    {
        if (question.Push?.Concerns(question.Type) is false)
            return null;
        return question.Type switch
        {
            TypeUrl.Cluster => Clusters(question),
            TypeUrl.ClusterLoadAssignment => Endpoints(question),
            TypeUrl.RouteConfiguration => Routes(question),
            TypeUrl.Secret => Secrets(question),
            TypeUrl.ExtensionConfig => new IstiodYield(Found(question, question.Names)),
            IstiodTypes.NameTable or IstiodTypes.ProxyConfig => NullIfEmpty([.. question.All.Values]),
            IstiodTypes.Address or IstiodTypes.Workload =>
                question.IsWildcard ? AllWorkloads(question) : NamedWorkloads(question),
            IstiodTypes.Authorization => Authorizations(question),
            _ => new IstiodYield([.. question.All.Values]),
        };
    }

    /// <summary>All of them whatever names are asked for; a push of delta tells what has changed.</summary>
    private static IstiodYield Clusters(IstiodQuestion question)
    {
        var all = question.All;
        if (!question.IsDelta || question.Changed is not { } changed)
            return new IstiodYield([.. all.Values]);
        bool IsTold(string name) => changed.Contains(name) || IstiodTypes.IsAlwaysBuilt(name);
        return new IstiodYield([.. all.Values.Where(resource => IsTold(resource.Name))])
        {
            Removed = question.Names.Where(name => IsTold(name) && !all.ContainsKey(name)).ToSorted(),
        };
    }

    /// <summary>A cluster that nobody knows has an assignment without endpoints; none is ever removed.</summary>
    private static IstiodYield? Endpoints(IstiodQuestion question)
    {
        var names = question.Changed is { } changed ? question.Names.Where(changed.Contains) : question.Names;
        var all = question.All;
        var yield = NullIfEmpty(
        [
            .. names.Select(name => all.GetValueOrDefault(name)
                ?? IstiodResource.Of(new ClusterLoadAssignment { ClusterName = name })),
        ]);
        return yield is null ? null : yield with { IsPartial = question.Changed is not null };
    }

    /// <summary>All that are watched; a name that nobody knows has one without hosts.</summary>
    private static IstiodYield? Routes(IstiodQuestion question)
    {
        var all = question.All;
        return NullIfEmpty(
        [
            .. question.Names.Select(name => all.GetValueOrDefault(name)
                ?? IstiodResource.Of(new RouteConfiguration { Name = name, ValidateClusters = false })),
        ]);
    }

    private static IstiodYield? Secrets(IstiodQuestion question)
    {
        var names = question.Changed is { } changed ? question.Names.Where(changed.Contains) : question.Names;
        return NullIfEmpty(Found(question, names)) is { } yield
            ? yield with { IsPartial = question.Changed is not null }
            : null;
    }

    private static IstiodYield? AllWorkloads(IstiodQuestion question)
    {
        if (question.Push is not null && question.Changed is not { IsEmpty: false })
            return null;
        var all = question.All;
        var told = question.Changed is { } changed ? all.Values.Where(r => changed.Contains(r.Name)) : all.Values;
        var wanted = question.Changed ?? question.Scope.Names.ToImmutableHashSet(StringComparer.Ordinal);
        return new IstiodYield([.. told.Where(resource => !IsHeld(question, resource))])
        {
            Removed = wanted.Where(name => !all.ContainsKey(name)).ToSorted(),
        };
    }

    private static IstiodYield? NamedWorkloads(IstiodQuestion question)
    {
        var wanted = question.Push is null
            ? question.Scope.Names
            : (question.Changed ?? []).Where(question.Names.Contains).ToSorted();
        if (wanted.IsEmpty)
            return question.Push is null ? new IstiodYield([]) : null;
        var found = Found(question, wanted);
        return new IstiodYield([.. found.Where(resource => !IsHeld(question, resource))])
        {
            Removed = wanted.Except(found.Select(static resource => resource.Name)),
            Watched = question.Names.Union(found.Select(static resource => resource.Name)),
        };
    }

    private static IstiodYield Authorizations(IstiodQuestion question)
    {
        var told = question.Changed is { } changed
            ? Found(question, changed.ToSorted())
            : [.. question.All.Values];
        var expected = question.Changed ?? question.Names.ToImmutableHashSet(StringComparer.Ordinal);
        return new IstiodYield(told)
        {
            Removed = expected.Except(told.Select(static resource => resource.Name)).ToSorted(),
        };
    }

    private static bool IsHeld(IstiodQuestion question, IstiodResource resource) =>
        string.Equals(
            question.Scope.HeldVersions.GetValueOrDefault(resource.Name), resource.Version, StringComparison.Ordinal);

    private static ImmutableArray<IstiodResource> Found(IstiodQuestion question, IEnumerable<string> names)
    {
        var all = question.All;
        return [.. names.Where(all.ContainsKey).Select(name => all[name])];
    }

    private static IstiodYield? NullIfEmpty(ImmutableArray<IstiodResource> resources) =>
        resources.IsEmpty ? null : new IstiodYield(resources);

    private static ImmutableSortedSet<string> ToSorted(this IEnumerable<string> names) =>
        names.ToImmutableSortedSet(StringComparer.Ordinal);
}
