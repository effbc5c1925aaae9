using System.Collections;
using System.Globalization;
using System.Security.Cryptography;
using SelfHeal.Core.Records;
using SelfHeal.Sidecar.Config;
using SelfHeal.Sidecar.Config.Loading;

namespace SelfHeal.Sidecar.Composition;

/// <summary>
/// Names the policy that a decision was made under: the SHA-256 of the sections <c>policy</c> and <c>detection</c> as
/// they were read, every key with its value or default, in canonical JSON. Two files that mean the same have the same
/// hash, however they are written.
/// </summary>
internal static class PolicyHash
{
    // All the digits that a decimal can have, and no zeros at the end.
    private const string Shortest = "0.############################";

    /// <summary>The hash in lower-case hexadecimal.</summary>
    /// <param name="options">The configuration.</param>
    public static string Of(SelfHealOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var document = new JsonObject(
        [
            new JsonMember("policy", OfSection(options.Policy)),
            new JsonMember("detection", OfSection(options.Detection)),
        ]);
        return Convert.ToHexStringLower(SHA256.HashData(CanonicalJson.Write(document)));
    }

    private static JsonObject OfSection(object section) => new(
        [.. OptionField.Of(section.GetType()).Select(
            field => new JsonMember(field.Key, OfValue(field.Kind, field.Property.GetValue(section))))]);

    private static JsonValue OfValue(OptionKind kind, object? value) => (kind, value) switch
    {
        (_, null) => JsonNull.Instance,
        (OptionKind.Section, { } section) => OfSection(section),
        // Not null: the names are the dictionary's keys.
        (OptionKind.NamedSections, IDictionary sections) => new JsonObject(
            [.. sections.Keys.Cast<string>().Select(name => new JsonMember(name, OfSection(sections[name]!)))]),
        (OptionKind.NamedScalars, IDictionary values) => new JsonObject(
            [.. values.Keys.Cast<string>().Select(
                name => new JsonMember(name, OfValue(OptionKind.Scalar, values[name])))]),
        (OptionKind.SectionList, IEnumerable sections) => new JsonArray([.. sections.Cast<object>().Select(OfSection)]),
        (OptionKind.List, IEnumerable items) => new JsonArray(
            [.. items.Cast<object>().Select(static item => OfValue(OptionKind.Scalar, item))]),
        (_, bool flag) => new JsonBool(flag),
        // A record's JSON has no fractions, and 0.70 is 0.7.
        (_, decimal number) => new JsonText(number.ToString(Shortest, CultureInfo.InvariantCulture)),
        (_, { } scalar) => new JsonText(ScalarFormat.Write(scalar)),
    };
}
