using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Resources.Descriptors;
using Validate;

namespace SelfHeal.Xds.Snapshots;

/// <summary>The rules of one field, made ready once, and what they say of a value.</summary>
internal sealed class FieldRuleCheck
{
    private readonly FieldSchema _field;
    private readonly NumberBounds? _numbers;
    private readonly TextRules? _text;
    private readonly SpanBounds? _span;

    public FieldRuleCheck(FieldSchema field, FieldRules rules)
    {
        _field = field;
        Rules = rules;
        var value = field.IsMap ? field.Message.Find(2) ?? field : field;
        if (rules.Repeated?.Items is { } items)
            Items = new FieldRuleCheck(value, items);
        if (rules.Map?.Values is { } values)
            Items = new FieldRuleCheck(value, values);
        if (rules.Map?.Keys is { } keys && field.Message.Find(1) is { } key)
            Keys = new FieldRuleCheck(key, keys);
        switch (rules.TypeCase)
        {
            case FieldRules.TypeOneofCase.String:
                _text = TextRules.Of(rules.String);
                break;
            case FieldRules.TypeOneofCase.Bytes:
                _text = TextRules.Of(rules.Bytes);
                break;
            case FieldRules.TypeOneofCase.Duration:
                _span = SpanBounds.Of(rules.Duration);
                break;
            case FieldRules.TypeOneofCase.Timestamp:
                _span = SpanBounds.Of(rules.Timestamp);
                break;
            default:
                _numbers = NumberBounds.Of(rules);
                break;
        }
    }

    public FieldRules Rules { get; }

    /// <summary>The check of a list's items or a map's values; null where there are no rules for them.</summary>
    public FieldRuleCheck? Items { get; }

    /// <summary>The check of a map's keys; null where there are no rules for them.</summary>
    public FieldRuleCheck? Keys { get; }

    /// <summary>Whether the rules of the message in this field are not to be looked at.</summary>
    public bool IsSkipped => Rules.Message?.Skip == true || Items?.IsSkipped == true;

    /// <summary>The rule by which the field must be set; null if it need not be.</summary>
    public string? RequiredBy => Rules switch
    {
        { Message.Required: true } => "message.required",
        { Any.Required: true } => "any.required",
        { Duration.Required: true } => "duration.required",
        { Timestamp.Required: true } => "timestamp.required",
        _ => null,
    };

    /// <summary>What is wrong with a value that is set; null if nothing is.</summary>
    public RuleProblem? Problem(object value)
    {
        // A rule on a wrapper's field is about what is wrapped.
        if (value is DynamicMessage message && message.Schema.FullName.EndsWith("Value", StringComparison.Ordinal)
            && WellKnownReader.Handles(message.Schema.FullName) && message.Schema.Fields is [var wrapped])
            value = message.Get(wrapped) ?? wrapped.Default;
        return Rules.TypeCase switch
        {
            FieldRules.TypeOneofCase.String => value is string text ? _text?.Problem(text) : null,
            FieldRules.TypeOneofCase.Bytes => value is ByteString bytes ? _text?.Problem(bytes) : null,
            FieldRules.TypeOneofCase.Enum => value is int number ? EnumProblem(number, Rules.Enum) : null,
            FieldRules.TypeOneofCase.Duration or FieldRules.TypeOneofCase.Timestamp =>
                value is DynamicMessage span ? _span?.Problem(span) : null,
            FieldRules.TypeOneofCase.Any => value is DynamicMessage any ? AnyProblem(any, Rules.Any) : null,
            FieldRules.TypeOneofCase.Bool => value is bool truth && Rules.Bool.HasConst && truth != Rules.Bool.Const
                ? new RuleProblem("bool.const", $"must be {(Rules.Bool.Const ? "true" : "false")}") : null,
            _ => _numbers?.Problem(value),
        };
    }

    private RuleProblem? EnumProblem(int number, EnumRules rules)
    {
        var type = _field.Kind == FieldType.Enum ? _field.Enum : null;
        if (rules.DefinedOnly && type?.NameOf(number) is null)
        {
            return new RuleProblem(
                "enum.defined_only", $"{number} is no value of {type?.FullName ?? "this enum"}");
        }
        if (rules.HasConst && number != rules.Const)
            return new RuleProblem("enum.const", $"must be {Show(rules.Const)}, not {Show(number)}");
        if (rules.In.Count > 0 && !rules.In.Contains(number))
        {
            return new RuleProblem(
                "enum.in", $"must be one of {string.Join(", ", rules.In.Select(Show))}, not {Show(number)}");
        }
        return rules.NotIn.Contains(number) ? new RuleProblem("enum.not_in", $"must not be {Show(number)}") : null;

        string Show(int value) => type?.NameOf(value) ?? value.ToString(CultureInfo.InvariantCulture);
    }

    private static RuleProblem? AnyProblem(DynamicMessage any, AnyRules rules)
    {
        var url = any.Get(any.Schema.Fields[0]) as string ?? string.Empty;
        if (rules.In.Count > 0 && !rules.In.Contains(url))
            return new RuleProblem("any.in", $"must be one of {string.Join(", ", rules.In)}, not '{url}'");
        return rules.NotIn.Contains(url) ? new RuleProblem("any.not_in", $"must not be {url}") : null;
    }
}
