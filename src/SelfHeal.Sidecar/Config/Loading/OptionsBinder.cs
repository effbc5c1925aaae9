using System.Collections;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using SelfHeal.Core;

namespace SelfHeal.Sidecar.Config.Loading;

/// <summary>
/// Fills options classes from the nodes of a file. It goes on after an error with the default in its place, so that one
/// run reports everything; the options are handed out only if there was no error.
/// </summary>
/// <param name="file">The file's name for messages.</param>
/// <param name="directory">Where relative paths start.</param>
internal sealed class OptionsBinder(string file, string directory)
{
    private readonly List<ConfigFinding> _errors = [];
    private readonly Dictionary<string, ConfigNode> _places = new(StringComparer.Ordinal);

    /// <summary>Everything that was wrong.</summary>
    public IReadOnlyList<ConfigFinding> Errors => _errors;

    /// <summary>Where each key's value stands in the file, by dotted path; keys that are absent are absent.</summary>
    public IReadOnlyDictionary<string, ConfigNode> Places => _places;

    /// <summary>Binds the whole file.</summary>
    /// <param name="root">The document; null when the file is empty.</param>
    public SelfHealOptions Bind(ConfigNode? root) =>
        (SelfHealOptions)BindSection(typeof(SelfHealOptions), AsMapping(root, ""), "");

    private object BindSection(Type type, ConfigNode.Mapping mapping, string path)
    {
        var fields = OptionField.Of(type);
        var section = OptionField.Create(type);
        var entries = Distinct(mapping, path);
        foreach (var field in fields)
        {
            var fieldPath = Join(path, field.Key);
            if (entries.Remove(field.Key, out var entry))
            {
                _places[fieldPath] = entry.Value;
                if (BindValue(field, entry.Value, fieldPath) is { } bound)
                    field.Property.SetValue(section, bound);
            }
            else if (field.IsRequired)
            {
                Fail(mapping, fieldPath, "is required");
            }
            else if (field is { Kind: OptionKind.Section, IsNullable: false })
            {
                // An absent section may have required keys.
                var empty = new ConfigNode.Mapping([], mapping.Line, mapping.Column);
                field.Property.SetValue(section, BindSection(field.ElementType, empty, fieldPath));
            }
        }

        foreach (var entry in mapping.Entries)
        {
            if (entries.ContainsKey(entry.Key.Text))
                ReportUnknown(entry.Key, fields, path);
        }

        return section;
    }

    private Dictionary<string, ConfigEntry> Distinct(ConfigNode.Mapping mapping, string path)
    {
        var entries = new Dictionary<string, ConfigEntry>(StringComparer.Ordinal);
        foreach (var entry in mapping.Entries)
        {
            if (entries.TryAdd(entry.Key.Text, entry))
                continue;
            var first = entries[entry.Key.Text].Key;
            Fail(entry.Key, Join(path, entry.Key.Text), $"stands here again; it is already on line {first.Line}");
        }

        return entries;
    }

    private object? BindValue(OptionField field, ConfigNode node, string path)
    {
        if (field.Kind != OptionKind.Scalar && node is ConfigNode.Scalar { IsNull: true })
        {
            // "xds:" with nothing below it means: all defaults.
            if (field is { Kind: OptionKind.Section, IsNullable: false })
                return BindSection(field.ElementType, new ConfigNode.Mapping([], node.Line, node.Column), path);
            return null;
        }

        return field.Kind switch
        {
            OptionKind.Scalar => BindScalar(field, node, path),
            OptionKind.List => BindList(field, node, path),
            OptionKind.Section => BindSection(field.ElementType, AsMapping(node, path), path),
            OptionKind.NamedSections => BindNamed(field, node, path),
            OptionKind.SectionList => BindSections(field, node, path),
            OptionKind.NamedScalars => BindNamedScalars(field, node, path),
            _ => throw new InvalidOperationException($"{path} has an unknown kind"),
        };
    }

    private object? BindScalar(OptionField field, ConfigNode node, string path)
    {
        var format = field.Scalar
            ?? throw new InvalidOperationException($"{path} has no format");
        if (node is not ConfigNode.Scalar scalar)
        {
            Fail(node, path, $"expected {format.Expected}, found {node.Noun}");
            return null;
        }

        if (scalar.IsNull)
        {
            if (!field.IsNullable)
                Fail(node, path, $"has no value; expected {format.Expected}{OrDefault(field)}");
            return null;
        }

        var value = format.Parse(scalar.Text);
        if (value is null)
        {
            var meant = NearestWord.Find(scalar.Text, format.Words);
            var hint = meant is null ? "" : $"; did you mean '{meant}'?";
            Fail(node, path, $"expected {format.Expected}, found '{scalar.Text}'{hint}");
            return null;
        }

        if (field.IsFilePath && !IsPath(scalar.Text))
        {
            Fail(node, path, "expected a path");
            return null;
        }

        return IsWithinLimits(field, format, scalar, value, path) ? Located(field, value) : null;
    }

    private ImmutableArray<string>? BindList(OptionField field, ConfigNode node, string path)
    {
        if (node is not ConfigNode.Sequence sequence)
        {
            Fail(node, path, $"expected a list such as [a, b], found {node.Noun}");
            return null;
        }

        var items = ImmutableArray.CreateBuilder<string>(sequence.Items.Length);
        foreach (var item in sequence.Items)
        {
            if (item is not ConfigNode.Scalar { IsNull: false } scalar)
                Fail(item, path, $"expected {field.Scalar?.Expected} in the list, found {item.Noun}");
            else if (field.IsFilePath && !IsPath(scalar.Text))
                Fail(item, path, "expected paths in the list");
            else
                items.Add(field.IsFilePath ? Path.GetFullPath(scalar.Text, directory) : scalar.Text);
        }

        return items.ToImmutable();
    }

    private IDictionary? BindNamed(OptionField field, ConfigNode node, string path)
    {
        if (node is not ConfigNode.Mapping mapping)
        {
            Fail(node, path, $"expected names with a section below each, found {node.Noun}");
            return null;
        }

        var sections = (IDictionary)OptionField.Create(
            typeof(SortedDictionary<,>).MakeGenericType(typeof(string), field.ElementType));
        foreach (var (name, entry) in Distinct(mapping, path))
        {
            var entryPath = Join(path, name);
            _places[entryPath] = entry.Value;
            if (name.Length == 0)
                Fail(entry.Key, path, "a name must not be empty");
            else
                sections[name] = BindSection(field.ElementType, AsMapping(entry.Value, entryPath), entryPath);
        }

        return ToImmutable(field, sections);
    }

    private object? BindSections(OptionField field, ConfigNode node, string path)
    {
        if (node is not ConfigNode.Sequence sequence)
        {
            Fail(node, path, $"expected a list of sections, found {node.Noun}");
            return null;
        }

        var sections = Array.CreateInstance(field.ElementType, sequence.Items.Length);
        for (var index = 0; index < sequence.Items.Length; index++)
        {
            var (item, itemPath) = (sequence.Items[index], $"{path}[{index}]");
            _places[itemPath] = item;
            sections.SetValue(BindSection(field.ElementType, AsMapping(item, itemPath), itemPath), index);
        }

        var make = typeof(ImmutableCollectionsMarshal).GetMethod(nameof(ImmutableCollectionsMarshal.AsImmutableArray))
            ?? throw new InvalidOperationException("an array can be made immutable");
        return make.MakeGenericMethod(field.ElementType).Invoke(null, [sections]);
    }

    private ImmutableSortedDictionary<string, string>? BindNamedScalars(OptionField field, ConfigNode node, string path)
    {
        if (node is not ConfigNode.Mapping mapping)
        {
            Fail(node, path, $"expected names with a value each, found {node.Noun}");
            return null;
        }

        var values = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (name, entry) in Distinct(mapping, path))
        {
            _places[Join(path, name)] = entry.Value;
            if (name.Length == 0)
                Fail(entry.Key, path, "a name must not be empty");
            else if (entry.Value is ConfigNode.Scalar { IsNull: false } scalar)
                values[name] = scalar.Text;
            else
                Fail(entry.Value, Join(path, name), $"expected {field.Scalar?.Expected}, found {entry.Value.Noun}");
        }

        return values.ToImmutable();
    }

    private static IDictionary ToImmutable(OptionField field, IDictionary sections)
    {
        // The default is an empty dictionary with the ordinal comparer; AddRange keeps that comparer.
        var empty = field.Default
            ?? throw new InvalidOperationException($"{field.Key} has no default");
        var addRange = field.Property.PropertyType.GetMethod(nameof(ImmutableSortedDictionary<,>.AddRange))
            ?? throw new InvalidOperationException($"{field.Key} is no immutable dictionary");
        return (IDictionary)(addRange.Invoke(empty, [sections]) ?? empty);
    }

    private bool IsWithinLimits(
        OptionField field, ScalarFormat format, ConfigNode.Scalar node, object value, string path)
    {
        if (field.Limits is not { } limits)
            return true;
        var minimum = format.Parse(limits.Minimum);
        var maximum = format.Parse(limits.Maximum);
        if (Comparer.DefaultInvariant.Compare(value, minimum) >= 0
            && Comparer.DefaultInvariant.Compare(value, maximum) <= 0)
            return true;
        Fail(node, path, $"must be from {limits.Minimum} to {limits.Maximum}, found {node.Text}");
        return false;
    }

    private static bool IsPath(string text) => text.Length > 0 && !text.Contains('\0', StringComparison.Ordinal);

    private object Located(OptionField field, object value) => (field.IsFilePath, value) switch
    {
        (true, string path) => Path.GetFullPath(path, directory),
        (_, ListenAddress.Unix unix) => new ListenAddress.Unix(Path.GetFullPath(unix.Path, directory)),
        _ => value,
    };

    private ConfigNode.Mapping AsMapping(ConfigNode? node, string path)
    {
        switch (node)
        {
            case ConfigNode.Mapping mapping:
                return mapping;
            case null:
                return new ConfigNode.Mapping([], 1, 1);
            case ConfigNode.Scalar { IsNull: true }:
                return new ConfigNode.Mapping([], node.Line, node.Column);
            default:
                Fail(node, path, $"expected a section with keys, found {node.Noun}");
                return new ConfigNode.Mapping([], node.Line, node.Column);
        }
    }

    private void ReportUnknown(ConfigNode.Scalar key, ImmutableArray<OptionField> known, string path)
    {
        var keys = known.Select(field => field.Key);
        var hint = NearestWord.Find(key.Text, keys) is { } nearest
            ? $"did you mean '{nearest}'?"
            : $"known here: {string.Join(", ", keys)}";
        Fail(key, Join(path, key.Text), $"unknown key; {hint}");
    }

    private void Fail(ConfigNode node, string path, string message) =>
        _errors.Add(new ConfigFinding(file, node.Line, node.Column, path, message));

    private static string OrDefault(OptionField field) =>
        field.IsRequired || field.Default is null
            ? ""
            : $"; leave the key out for the default, {ScalarFormat.Write(field.Default)}";

    private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";
}
