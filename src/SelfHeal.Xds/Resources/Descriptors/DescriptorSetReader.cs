using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace SelfHeal.Xds.Resources.Descriptors;

/// <summary>
/// Collects the types of several descriptor sets and everything that stands against them: sets that cannot be read,
/// definitions that make no sense, two that differ, names that lead nowhere, imports in a circle.
/// </summary>
internal sealed class DescriptorSetReader
{
    // The largest field number that the wire can carry.
    private const int FieldNumberMax = (1 << 29) - 1;

    private readonly Dictionary<string, TypeDefinition> _types = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Set, FileDescriptorProto File)> _files = new(StringComparer.Ordinal);
    private readonly List<TypeReference> _references = [];
    private readonly List<ResourceError> _errors = [];

    public void Add(DescriptorSetFile set)
    {
        if (DescriptorSetBytes.Read(set.Bytes, out var files) is { } problem)
            Fail(set.Path, string.Empty, problem);
        foreach (var file in files)
            AddFile(set.Path, file);
    }

    public DescriptorIndexResult Result()
    {
        // What a broken set lacks is no news.
        if (_errors.Count == 0)
        {
            CheckReferences();
            CheckImports();
        }
        if (_errors.Count == 0)
            return new DescriptorIndexResult(new DescriptorIndex(_types, _files.Count), []);
        if (_errors.Count > ResourceFileParser.MaxErrors)
        {
            var last = _errors[ResourceFileParser.MaxErrors];
            _errors[ResourceFileParser.MaxErrors] = last with
            {
                Field = string.Empty,
                Message = $"more than {ResourceFileParser.MaxErrors} errors; the rest is not shown",
            };
        }
        return new DescriptorIndexResult(null, [.. _errors]);
    }

    private void AddFile(string set, FileDescriptorProto file)
    {
        if (FileTraits.Of(file) is not { } traits)
        {
            Fail(set, file.Name, $"has syntax '{file.Syntax}', expected proto2, proto3 or editions");
            return;
        }
        _files.TryAdd(file.Name, (set, file));
        var home = new Home(set, file, traits);
        foreach (var message in file.MessageType)
            AddMessage(home, file.Package, message);
        foreach (var type in file.EnumType)
            AddEnum(home, file.Package, type);
    }

    private void AddMessage(Home home, string scope, DescriptorProto message)
    {
        var fullName = Join(scope, message.Name);
        if (message.Name.Length == 0)
            Fail(home.Set, home.File.Name, $"a message in '{scope}' has no name");
        foreach (var nested in message.NestedType)
            AddMessage(home, fullName, nested);
        foreach (var type in message.EnumType)
            AddEnum(home, fullName, type);
        if (!IsSound(home, fullName, message))
            return;
        message.NestedType.Clear();
        message.EnumType.Clear();
        AddType(fullName, new TypeDefinition(
            home.Set, home.File.Name, IsEnum: false, home.Traits, message.ToByteArray()));
    }

    private void AddEnum(Home home, string scope, EnumDescriptorProto type)
    {
        var fullName = Join(scope, type.Name);
        if (type.Name.Length == 0 || type.Value.Count == 0)
        {
            var lacking = type.Name.Length == 0 ? "name" : "values";
            Fail(home.Set, fullName, $"an enum of {home.File.Name} has no {lacking}");
        }
        else
        {
            AddType(fullName, new TypeDefinition(
                home.Set, home.File.Name, IsEnum: true, home.Traits, type.ToByteArray()));
        }
    }

    private void AddType(string fullName, TypeDefinition definition)
    {
        // Every compiler and every project carries its own edition of these; the one of this build is what counts.
        var isOurs = fullName.StartsWith("google.protobuf.", StringComparison.Ordinal)
            || fullName.StartsWith("validate.", StringComparison.Ordinal);
        if (!_types.TryAdd(fullName, definition) && !isOurs && !_types[fullName].SaysTheSameAs(definition))
        {
            var first = _types[fullName];
            Fail(definition.Set, fullName, $"{definition.ProtoFile} defines it otherwise than {first.ProtoFile} in "
                + $"{first.Set}; expected one definition, so build both sets from the same version");
        }
    }

    private bool IsSound(Home home, string fullName, DescriptorProto message)
    {
        var errors = _errors.Count;
        var numbers = new HashSet<int>();
        foreach (var field in message.Field)
        {
            var place = Join(fullName, field.Name);
            if (field.Name.Length == 0)
                Fail(home.Set, fullName, $"a field has no name, in {home.File.Name}");
            if (field.Number is < 1 or > FieldNumberMax)
                Fail(home.Set, place, $"has number {field.Number}, expected 1 to {FieldNumberMax}");
            else if (!numbers.Add(field.Number))
                Fail(home.Set, place, $"has number {field.Number}, as another field of {fullName} has");
            if (FieldKind.Of(field.Type) is not { } kind)
                Fail(home.Set, place, $"has no type that protobuf knows ({(int)field.Type})");
            else if (kind is FieldType.Message or FieldType.Enum)
                _references.Add(new TypeReference(home, place, field.TypeName.TrimStart('.'), kind));
            if (field.HasOneofIndex && (field.OneofIndex < 0 || field.OneofIndex >= message.OneofDecl.Count))
                Fail(home.Set, place, $"is in oneof {field.OneofIndex} of {message.OneofDecl.Count}");
        }
        if (message.Options?.MapEntry == true && !IsMapEntry(message))
            Fail(home.Set, fullName, "is a map's entry, so expected two fields, the key 1 and the value 2");
        return _errors.Count == errors;
    }

    private static bool IsMapEntry(DescriptorProto message) => message.Field.Count == 2
        && message.Field.All(static field => field.Label != FieldDescriptorProto.Types.Label.Repeated
            && FieldKind.Of(field.Type) is not (FieldType.Group or null))
        && message.Field.Any(static field => field.Number == 1 && FieldKind.Of(field.Type)
            is not (FieldType.Message or FieldType.Bytes or FieldType.Double or FieldType.Float or FieldType.Enum))
        && message.Field.Any(static field => field.Number == 2);

    private void CheckReferences()
    {
        foreach (var reference in _references)
        {
            var isEnum = reference.Kind == FieldType.Enum;
            if (_types.TryGetValue(reference.TypeName, out var found) && found.IsEnum == isEnum)
                continue;
            // A private extension may rest on the API that we have.
            var isPinned = isEnum
                ? ResourceTypes.FindEnum(reference.TypeName) is not null
                : ResourceTypes.Find(reference.TypeName) is not null;
            if (isPinned)
                continue;
            var lacking = reference.Home.File.Dependency
                .Where(import => !_files.ContainsKey(import)).Order(StringComparer.Ordinal).ToArray();
            var hint = lacking.Length == 0
                ? $"which {reference.Home.File.Name} imports from nowhere"
                : $"and the set lacks {string.Join(", ", lacking)}, which {reference.Home.File.Name} imports; write it "
                    + "with protoc --include_imports or buf build";
            Fail(reference.Home.Set, reference.Place,
                $"is of type '{reference.TypeName}', which is unknown, {hint}");
        }
    }

    private void CheckImports()
    {
        // 1: on the way from the root; 2: done.
        var states = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var root in _files.Keys.Order(StringComparer.Ordinal))
        {
            var way = new Stack<(string File, int Next)>();
            way.Push((root, 0));
            while (way.TryPop(out var at))
            {
                var imports = _files[at.File].File.Dependency;
                if (at.Next == 0 && !states.TryAdd(at.File, 1))
                    continue;
                if (at.Next == imports.Count)
                {
                    states[at.File] = 2;
                    continue;
                }
                way.Push((at.File, at.Next + 1));
                var import = imports[at.Next];
                if (!_files.ContainsKey(import))
                    continue;
                if (!states.TryGetValue(import, out var state))
                    way.Push((import, 0));
                else if (state == 1)
                    FailCircle(import, way);
            }
        }
    }

    private void FailCircle(string file, Stack<(string File, int Next)> way)
    {
        var circle = way.Reverse().Select(static step => step.File).SkipWhile(step => step != file).Append(file);
        Fail(
            _files[file].Set, file, $"imports itself: {string.Join(" -> ", circle)}; expected imports without circles");
    }

    private void Fail(string set, string place, string message)
    {
        // One more than is shown tells that there were more.
        if (_errors.Count <= ResourceFileParser.MaxErrors)
            _errors.Add(new ResourceError(set, 1, 1, place, message));
    }

    private static string Join(string scope, string name) => scope.Length == 0 ? name : $"{scope}.{name}";

    private sealed record Home(string Set, FileDescriptorProto File, FileTraits Traits);

    private readonly record struct TypeReference(Home Home, string Place, string TypeName, FieldType Kind);
}
