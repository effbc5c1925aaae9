using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Xds.Resources.Descriptors;

/// <summary>
/// The types by which resources are read, encoded and validated: those of the user's descriptor sets first, then those
/// of the API that this build is pinned to. A type is made when it is asked for, once.
/// </summary>
public sealed class DescriptorIndex
{
    private readonly IReadOnlyDictionary<string, TypeDefinition> _definitions;

    // Bounded by the number of types in the sets and in the API: names that are not found are not kept.
    private readonly ConcurrentDictionary<string, MessageSchema> _messages = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, EnumSchema> _enums = new(StringComparer.Ordinal);

    // What the rules say of a resource is worked out once, however many snapshots hold it; it goes with the resource.
    private readonly ConditionalWeakTable<XdsResource, RuleFindings> _findings = [];

    internal DescriptorIndex(IReadOnlyDictionary<string, TypeDefinition> definitions, int fileCount)
    {
        _definitions = definitions;
        FileCount = fileCount;
    }

    /// <summary>The pinned API alone.</summary>
    public static DescriptorIndex Pinned { get; } =
        new(new Dictionary<string, TypeDefinition>(StringComparer.Ordinal), 0);

    /// <summary>How many proto files the sets hold; 0 without sets.</summary>
    public int FileCount { get; }

    /// <summary>How many messages and enums the sets define; 0 without sets.</summary>
    public int TypeCount => _definitions.Count;

    /// <summary>The full names of the sets' types, in no order.</summary>
    internal IEnumerable<string> Names => _definitions.Keys;

    /// <summary>Takes descriptor sets in and checks that they fit together.</summary>
    /// <param name="sets">In the order in which errors are to be told.</param>
    public static DescriptorIndexResult Read(IEnumerable<DescriptorSetFile> sets)
    {
        ArgumentNullException.ThrowIfNull(sets);
        var reader = new DescriptorSetReader();
        foreach (var set in sets)
            reader.Add(set);
        return reader.Result();
    }

    /// <summary>A message by its full name; null if neither the sets nor the API know it.</summary>
    internal MessageSchema? Find(string fullName)
    {
        if (_messages.TryGetValue(fullName, out var known))
            return known;
        var found = _definitions.TryGetValue(fullName, out var definition) && !IsOurs(fullName)
            ? definition.IsEnum ? null : definition.ToMessage(fullName, this)
            : PinnedSchemas.FindMessage(fullName, this);
        return found is null ? null : _messages.GetOrAdd(fullName, found);
    }

    /// <summary>An enum by its full name; null if neither the sets nor the API know it.</summary>
    internal EnumSchema? FindEnum(string fullName)
    {
        if (_enums.TryGetValue(fullName, out var known))
            return known;
        var found = _definitions.TryGetValue(fullName, out var definition)
            ? definition.IsEnum ? definition.ToEnum(fullName) : null
            : PinnedSchemas.FindEnum(fullName);
        return found is null ? null : _enums.GetOrAdd(fullName, found);
    }

    /// <summary>What the API's own rules say against a resource.</summary>
    internal RuleFindings FindingsOf(XdsResource resource) =>
        _findings.GetValue(resource, key => RuleFindings.Of(key, this));

    // The types with a JSON form of their own are read by code, which knows them as they are in this build.
    private static bool IsOurs(string fullName) => WellKnownReader.Handles(fullName);
}
