using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Resources.Descriptors;

namespace SelfHeal.Xds.Snapshots;

/// <summary>
/// Checks the validation rules that an API writes on its own fields (<c>validate.rules</c>) as Envoy's C++ code does,
/// in one message whose type may come from a descriptor set.
/// </summary>
internal static class ApiRules
{
    /// <summary>Checks the fields of one message, not those of the messages within it.</summary>
    public static void Check(DynamicMessage message, string path, List<RuleFinding> findings)
    {
        foreach (var oneof in message.Schema.Oneofs)
        {
            if (oneof.IsRequired && oneof.Fields.TrueForAll(field => message.Get(field) is null))
            {
                var names = string.Join(", ", oneof.Fields.Select(static field => field.Name));
                Add(findings, MessageWalk.Join(path, oneof.Name),
                    new RuleProblem("required", $"one of {names} must be set"));
            }
        }
        foreach (var field in message.Schema.Fields)
        {
            if (field.Check is { } check && (field.Oneof is null || message.Get(field) is not null))
                CheckField(field, check, message.Get(field), MessageWalk.Join(path, field.Name), findings);
        }
    }

    private static void CheckField(
        FieldSchema field, FieldRuleCheck check, object? value, string place, List<RuleFinding> findings)
    {
        if (field.IsMap)
            CheckMap(value as SortedDictionary<object, object> ?? [], check, place, findings);
        else if (field.IsRepeated)
            CheckList(value as List<object> ?? [], check, place, findings);
        else if (value is not null || !field.HasPresence)
            Add(findings, place, check.Problem(value ?? field.Default));
        else if (check.RequiredBy is { } rule)
            Add(findings, place, new RuleProblem(rule, "must be set"));
    }

    private static void CheckList(List<object> list, FieldRuleCheck check, string place, List<RuleFinding> findings)
    {
        if (check.Rules.Repeated is not { } rules || (rules.IgnoreEmpty && list.Count == 0))
            return;
        if (rules.HasMinItems && (ulong)list.Count < rules.MinItems)
            Add(findings, place, TooFew("repeated.min_items", list.Count, rules.MinItems));
        if (rules.HasMaxItems && (ulong)list.Count > rules.MaxItems)
            Add(findings, place, TooMany("repeated.max_items", list.Count, rules.MaxItems));
        if (rules.Unique)
            CheckUnique(list, place, findings);
        if (check.Items is not { } items)
            return;
        for (var index = 0; index < list.Count; index++)
            Add(findings, $"{place}[{index}]", items.Problem(list[index]));
    }

    private static void CheckUnique(List<object> list, string place, List<RuleFinding> findings)
    {
        var first = new Dictionary<object, int>();
        for (var index = 0; index < list.Count; index++)
        {
            var item = list[index] is DynamicMessage message
                ? Convert.ToHexString(DynamicEncoder.Encode(message)) : list[index];
            if (!first.TryAdd(item, index))
                Add(findings, $"{place}[{index}]",
                    new RuleProblem(
                        "repeated.unique", $"must not hold the same item twice: it is also {place}[{first[item]}]"));
        }
    }

    private static void CheckMap(
        SortedDictionary<object, object> map, FieldRuleCheck check, string place, List<RuleFinding> findings)
    {
        if (check.Rules.Map is not { } rules || (rules.IgnoreEmpty && map.Count == 0))
            return;
        if (rules.HasMinPairs && (ulong)map.Count < rules.MinPairs)
            Add(findings, place, TooFew("map.min_pairs", map.Count, rules.MinPairs));
        if (rules.HasMaxPairs && (ulong)map.Count > rules.MaxPairs)
            Add(findings, place, TooMany("map.max_pairs", map.Count, rules.MaxPairs));
        foreach (var (key, value) in map)
        {
            if (check.Keys?.Problem(key) is { } keyProblem)
                Add(findings, $"{place}[\"{key}\"]", keyProblem with { Message = $"the key {keyProblem.Message}" });
            Add(findings, $"{place}[\"{key}\"]", check.Items?.Problem(value));
        }
    }

    private static RuleProblem TooFew(string rule, int count, ulong least) =>
        new(rule, $"must hold at least {least} items, not {count}");

    private static RuleProblem TooMany(string rule, int count, ulong most) =>
        new(rule, $"must hold at most {most} items, not {count}");

    private static void Add(List<RuleFinding> findings, string place, RuleProblem? problem)
    {
        if (problem is not null)
            findings.Add(new RuleFinding(place, problem.ToString()));
    }
}
