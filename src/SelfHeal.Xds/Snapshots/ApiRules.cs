using System.Collections;
using System.Collections.Concurrent;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Validate;

namespace SelfHeal.Xds.Snapshots;

/// <summary>
/// Checks the validation rules that the API writes on its own fields (<c>validate.rules</c>), those of them that Envoy
/// most often refuses a resource for. What is not checked here, Envoy still checks.
/// </summary>
internal static class ApiRules
{
    // Bounded by the number of messages in the API.
    private static readonly ConcurrentDictionary<MessageDescriptor, MessageRuleSet> Cache = new();

    /// <summary>Checks the fields of one message, not those of the messages within it.</summary>
    public static void Check(IMessage message, string path, List<(string Field, string Message)> problems)
    {
        var rules = Cache.GetOrAdd(message.Descriptor, MessageRuleSet.Of);
        foreach (var oneof in rules.RequiredOneofs)
        {
            if (oneof.Accessor.GetCaseFieldDescriptor(message) is null)
            {
                var names = string.Join(", ", oneof.Fields.Select(field => field.Name));
                problems.Add((Join(path, oneof.Name), $"one of {names} must be set"));
            }
        }
        foreach (var (field, rule) in rules.Fields)
        {
            if (field.RealContainingOneof is { } oneof && oneof.Accessor.GetCaseFieldDescriptor(message) != field)
                continue;
            var value = field.Accessor.GetValue(message);
            var place = Join(path, field.Name);
            if (field.IsMap)
                CheckMap((IDictionary)value, rule, place, problems);
            else if (field.IsRepeated)
                CheckList((IList)value, rule, place, problems);
            else if (IsUnset(message, field, value))
                CheckUnset(rule, place, problems);
            else if (FieldRuleCheck.Problem(value, rule) is { } problem)
                problems.Add((place, problem));
        }
    }

    private static bool IsUnset(IMessage message, FieldDescriptor field, object? value) =>
        value is null || (field.HasPresence && !field.Accessor.HasValue(message));

    private static void CheckUnset(FieldRules rule, string place, List<(string Field, string Message)> problems)
    {
        if (rule.Message?.Required == true || rule.Duration?.Required == true
            || rule.Any?.Required == true || rule.Timestamp?.Required == true)
            problems.Add((place, "must be set"));
    }

    private static void CheckList(
        IList list, FieldRules rule, string place, List<(string Field, string Message)> problems)
    {
        if (rule.Repeated is not { } repeated || (repeated.IgnoreEmpty && list.Count == 0))
            return;
        var most = repeated.HasMaxItems ? repeated.MaxItems : ulong.MaxValue;
        if (CountProblem(list.Count, repeated.MinItems, most) is { } count)
            problems.Add((place, count));
        if (repeated.Unique && list.Cast<object>().Distinct().Count() != list.Count)
            problems.Add((place, "must not hold the same item twice"));
        if (repeated.Items is not { } items)
            return;
        for (var index = 0; index < list.Count; index++)
        {
            if (FieldRuleCheck.Problem(list[index], items) is { } problem)
                problems.Add(($"{place}[{index}]", problem));
        }
    }

    private static void CheckMap(
        IDictionary map, FieldRules rule, string place, List<(string Field, string Message)> problems)
    {
        if (rule.Map is not { } rules || (rules.IgnoreEmpty && map.Count == 0))
            return;
        var most = rules.HasMaxPairs ? rules.MaxPairs : ulong.MaxValue;
        if (CountProblem(map.Count, rules.MinPairs, most) is { } count)
            problems.Add((place, count));
        foreach (DictionaryEntry entry in map)
        {
            if (rules.Keys is not null && FieldRuleCheck.Problem(entry.Key, rules.Keys) is { } keyProblem)
                problems.Add(($"{place}[\"{entry.Key}\"]", $"the key {keyProblem}"));
            if (rules.Values is not null && FieldRuleCheck.Problem(entry.Value, rules.Values) is { } valueProblem)
                problems.Add(($"{place}[\"{entry.Key}\"]", valueProblem));
        }
    }

    private static string? CountProblem(int count, ulong least, ulong most)
    {
        if ((ulong)count < least)
            return $"must hold at least {least} items, not {count}";
        return (ulong)count > most ? $"must hold at most {most} items, not {count}" : null;
    }

    private static string Join(string path, string field) => Resources.MessageWalk.Join(path, field);

    private sealed record MessageRuleSet(
        (FieldDescriptor Field, FieldRules Rule)[] Fields, OneofDescriptor[] RequiredOneofs)
    {
        public static MessageRuleSet Of(MessageDescriptor type)
        {
            if (type.GetOptions()?.GetExtension(ValidateExtensions.Disabled) == true)
                return new MessageRuleSet([], []);
            var fields = new List<(FieldDescriptor, FieldRules)>();
            foreach (var field in type.Fields.InDeclarationOrder())
            {
                if (field.GetOptions()?.GetExtension(ValidateExtensions.Rules) is { } rule)
                    fields.Add((field, rule));
            }
            var required = type.Oneofs
                .Where(oneof => oneof.GetOptions()?.GetExtension(ValidateExtensions.Required) == true);
            return new MessageRuleSet([.. fields], [.. required]);
        }
    }
}
