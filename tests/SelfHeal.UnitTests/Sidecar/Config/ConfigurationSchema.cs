using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Config.Loading;

namespace SelfHeal.UnitTests.Sidecar.Config;

/// <summary>Writes docs/selfheal.schema.json (JSON Schema 2020-12) from the options classes.</summary>
internal sealed class ConfigurationSchema
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly XmlDocumentation _documentation = new(typeof(SelfHealOptions).Assembly);

    public static string Write()
    {
        var schema = new ConfigurationSchema().Section(typeof(SelfHealOptions));
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.Insert(1, "title", "Configuration of SelfHeal");
        return schema.ToJsonString(Indented) + "\n";
    }

    private JsonObject Section(Type type)
    {
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (var field in OptionField.Of(type))
        {
            properties.Add(field.Key, Field(field));
            if (field.IsRequired || (field is { Kind: OptionKind.Section, IsNullable: false } && HasRequired(field)))
                required.Add(field.Key);
        }

        var section = new JsonObject { ["type"] = "object", ["additionalProperties"] = false };
        if (required.Count > 0)
            section["required"] = required;
        section["properties"] = properties;
        return section;
    }

    private JsonObject Field(OptionField field)
    {
        var schema = field.Kind switch
        {
            OptionKind.Section => Section(field.ElementType),
            OptionKind.NamedSections => new JsonObject
            {
                ["type"] = "object",
                ["additionalProperties"] = Nullable(Section(field.ElementType)),
            },
            OptionKind.SectionList => new JsonObject
            {
                ["type"] = "array",
                ["items"] = Section(field.ElementType),
            },
            OptionKind.NamedScalars => new JsonObject
            {
                ["type"] = "object",
                ["additionalProperties"] = new JsonObject { ["type"] = new JsonArray("string", "number", "boolean") },
            },
            OptionKind.List => new JsonObject
            {
                ["type"] = "array",
                ["items"] = new JsonObject { ["type"] = "string" },
            },
            _ => Scalar(field),
        };
        var takesNull = field.IsNullable || field.Kind != OptionKind.Scalar;
        schema = takesNull ? Nullable(schema) : schema;
        schema.Insert(0, "description", _documentation.SummaryOf(field.Property));
        return schema;
    }

    // The binder takes "key:" without a value for an absent section, so the schema takes null there as well.
    private static JsonObject Nullable(JsonObject schema)
    {
        if (schema["enum"] is JsonArray words)
            words.Add((JsonNode?)null);
        if (schema["type"] is JsonArray types)
            types.Add((JsonNode?)"null");
        else if (schema["type"]?.GetValue<string>() is { } type)
            schema["type"] = new JsonArray(type, "null");
        return schema;
    }

    private static JsonObject Scalar(OptionField field)
    {
        var format = field.Scalar ?? throw new InvalidOperationException($"{field.Key} has no format");
        var schema = format.Kind switch
        {
            // Unquoted, 1 is a number to a JSON schema and the text "1" to us.
            ScalarKind.Text => new JsonObject { ["type"] = field.IsFilePath ? "string" : null },
            ScalarKind.Boolean => new JsonObject { ["type"] = "boolean" },
            ScalarKind.Integer => new JsonObject { ["type"] = "integer" },
            ScalarKind.Number => new JsonObject { ["type"] = "number" },
            ScalarKind.Duration => new JsonObject
            {
                ["type"] = "string",
                ["pattern"] = "^(?=.)(\\d{1,9}h)?(\\d{1,9}m)?(\\d{1,9}s)?(\\d{1,9}ms)?$",
            },
            ScalarKind.Address => new JsonObject { ["type"] = "string", ["pattern"] = "^(unix:.+|.+:\\d{1,5})$" },
            ScalarKind.Word => new JsonObject
            {
                ["enum"] = new JsonArray([.. format.Words.Select(word => JsonValue.Create(word))]),
            },
            _ => throw new InvalidOperationException($"{field.Key} has an unknown kind"),
        };
        if (schema.ContainsKey("type") && schema["type"] is null)
            schema["type"] = new JsonArray("string", "number", "boolean");
        if (field.Limits is { } limits && format.Kind is ScalarKind.Integer or ScalarKind.Number)
        {
            schema["minimum"] = decimal.Parse(field.Limits.Minimum, CultureInfo.InvariantCulture);
            schema["maximum"] = decimal.Parse(field.Limits.Maximum, CultureInfo.InvariantCulture);
        }

        if (field is { IsRequired: false, Default: not null })
            schema["default"] = Default(field.Default);
        return schema;
    }

    private static JsonNode? Default(object value) => value switch
    {
        bool flag => JsonValue.Create(flag),
        int number => JsonValue.Create(number),
        decimal number => JsonValue.Create(number),
        _ => JsonValue.Create(ScalarFormat.Write(value)),
    };

    private static bool HasRequired(OptionField section) =>
        OptionField.Of(section.ElementType).Any(field => field.IsRequired);
}
