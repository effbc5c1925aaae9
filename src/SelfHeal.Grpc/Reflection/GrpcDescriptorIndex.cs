using Google.Protobuf.Reflection;

namespace SelfHeal.Grpc;

/// <summary>Finds files by what they declare.</summary>
internal sealed class GrpcDescriptorIndex
{
    private readonly Dictionary<string, FileDescriptor> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FileDescriptor> _symbols = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedDictionary<int, FileDescriptor>> _extensions =
        new(StringComparer.Ordinal);

    public GrpcDescriptorIndex(IEnumerable<FileDescriptor> files)
    {
        foreach (var file in files)
            foreach (var reached in WithImports(file))
                if (_files.TryAdd(reached.Name, reached))
                    AddFile(reached);
    }

    public FileDescriptor? FileByName(string name) => _files.GetValueOrDefault(name);

    public FileDescriptor? FileBySymbol(string symbol) => _symbols.GetValueOrDefault(symbol);

    public FileDescriptor? FileByExtension(string type, int number) =>
        _extensions.GetValueOrDefault(type)?.GetValueOrDefault(number);

    /// <summary>Numbers of all known extensions of a type, ascending; null when the type is not known.</summary>
    public IReadOnlyCollection<int>? ExtensionNumbers(string type) =>
        _extensions.TryGetValue(type, out var extensions) ? extensions.Keys
        : _symbols.ContainsKey(type) ? []
        : null;

    /// <summary>The file, then everything that it imports, each once.</summary>
    public static IReadOnlyList<FileDescriptor> WithImports(FileDescriptor file)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal) { file.Name };
        var found = new List<FileDescriptor> { file };
        for (var i = 0; i < found.Count; i++)
            foreach (var import in found[i].Dependencies)
                if (seen.Add(import.Name))
                    found.Add(import);
        return found;
    }

    private void AddFile(FileDescriptor file)
    {
        foreach (var service in file.Services)
        {
            _symbols.TryAdd(service.FullName, file);
            foreach (var method in service.Methods)
                _symbols.TryAdd(method.FullName, file);
        }
        foreach (var message in file.MessageTypes)
            AddMessage(message, file);
        foreach (var type in file.EnumTypes)
            AddEnum(type, file);
        AddExtensions(file.Extensions.UnorderedExtensions, file);
    }

    private void AddMessage(MessageDescriptor message, FileDescriptor file)
    {
        _symbols.TryAdd(message.FullName, file);
        foreach (var field in message.Fields.InDeclarationOrder())
            _symbols.TryAdd(field.FullName, file);
        foreach (var oneof in message.Oneofs)
            _symbols.TryAdd($"{message.FullName}.{oneof.Name}", file);
        foreach (var nested in message.NestedTypes)
            AddMessage(nested, file);
        foreach (var type in message.EnumTypes)
            AddEnum(type, file);
        AddExtensions(message.Extensions.UnorderedExtensions, file);
    }

    private void AddEnum(EnumDescriptor type, FileDescriptor file)
    {
        _symbols.TryAdd(type.FullName, file);
        foreach (var value in type.Values)
            _symbols.TryAdd(value.FullName, file);
    }

    private void AddExtensions(IEnumerable<FieldDescriptor> extensions, FileDescriptor file)
    {
        foreach (var extension in extensions)
        {
            _symbols.TryAdd(extension.FullName, file);
            var type = extension.ExtendeeType.FullName;
            if (!_extensions.TryGetValue(type, out var numbers))
                _extensions.Add(type, numbers = []);
            numbers.TryAdd(extension.FieldNumber, file);
        }
    }
}
