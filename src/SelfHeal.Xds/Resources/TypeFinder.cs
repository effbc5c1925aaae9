using SelfHeal.Core;
using SelfHeal.Xds.Resources.Descriptors;

namespace SelfHeal.Xds.Resources;

/// <summary>Finds types for one run over files, and says of what is not found what was perhaps meant.</summary>
/// <param name="types">All types that files may name.</param>
internal sealed class TypeFinder(DescriptorIndex types)
{
    // A word is compared with every type of the sets, thousands of them; one bad version in a thousand resources needs
    // no thousand hints.
    private const int HintsMax = 20;

    private readonly Dictionary<string, string> _unknown = new(StringComparer.Ordinal);

    public MessageSchema? Find(string fullName) => types.Find(fullName);

    /// <summary>What to say of a type that is not found.</summary>
    public string Unknown(string fullName)
    {
        if (_unknown.TryGetValue(fullName, out var told))
            return told;
        var hint = string.Empty;
        if (_unknown.Count < HintsMax)
        {
            var nearest = NearestWord.Find(fullName, types.Names.Order(StringComparer.Ordinal));
            hint = nearest is null ? string.Empty : $" (did you mean '{nearest}'?)";
        }
        var known = types.FileCount == 0
            ? "the API of this build has" : "neither xds.descriptor_sets nor this build has";
        told = $"unknown @type '{TypeUrl.Prefix}{fullName}': {known} no {fullName}{hint}; name a descriptor set that "
            + "holds it under xds.descriptor_sets, or give its bytes as 'value' in base64";
        if (_unknown.Count < HintsMax)
            _unknown.Add(fullName, told);
        return told;
    }

    /// <summary>What to say of a field that a message does not have.</summary>
    public string NoField(MessageSchema type, string key)
    {
        var nearest = NearestWord.Find(key, type.Fields.Select(static field => field.Name));
        var hint = nearest is null ? string.Empty : $"; did you mean '{nearest}'?";
        var newer = types.FileCount == 0 && nearest is null
            ? "; a field of a newer API needs a descriptor set under xds.descriptor_sets" : string.Empty;
        return $"{type.FullName} has no field '{key}'{hint}{newer}";
    }
}
