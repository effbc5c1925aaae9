using System.Collections;
using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace SelfHeal.Xds.Resources;

/// <summary>
/// Visits a message and everything in it, through <c>Any</c>s of known types as if they were fields. An <c>Any</c> is
/// itself visited only where its content is not known or does not decode.
/// </summary>
internal static class MessageWalk
{
    // As protobuf bounds one message. An Any begins another, so nothing else bounds a chain of them; the validator
    // refuses what is deeper.
    private const int MaxDepth = 100;

    /// <summary>Calls <paramref name="visit"/> with each message and its path, outermost first.</summary>
    public static void Visit(IMessage message, Action<IMessage, string> visit) =>
        Visit(message, string.Empty, visit, 0);

    /// <summary>The path of a field within the message at <paramref name="path"/>.</summary>
    public static string Join(string path, string field) => path.Length == 0 ? field : $"{path}.{field}";

    private static void Visit(IMessage message, string path, Action<IMessage, string> visit, int depth)
    {
        if (depth > MaxDepth)
            return;
        if (message is Any any && Unpack(any) is { } content)
            message = content;
        visit(message, path);
        // A Struct is data of somebody else: nothing in it is the API's.
        if (message is Struct or Any)
            return;
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            if (field.FieldType != FieldType.Message)
                continue;
            if (field.IsMap)
                VisitMap(message, field, path, visit, depth + 1);
            else if (field.IsRepeated)
                VisitList(message, field, path, visit, depth + 1);
            else if (field.Accessor.GetValue(message) is IMessage child)
                Visit(child, Join(path, field.Name), visit, depth + 1);
        }
    }

    private static void VisitList(
        IMessage message, FieldDescriptor field, string path, Action<IMessage, string> visit, int depth)
    {
        var list = (IList)field.Accessor.GetValue(message);
        for (var index = 0; index < list.Count; index++)
        {
            if (list[index] is IMessage child)
                Visit(child, $"{Join(path, field.Name)}[{index}]", visit, depth);
        }
    }

    private static void VisitMap(
        IMessage message, FieldDescriptor field, string path, Action<IMessage, string> visit, int depth)
    {
        if (field.MessageType.FindFieldByNumber(2).FieldType != FieldType.Message)
            return;
        var entries = new List<(string Key, IMessage Child)>();
        foreach (DictionaryEntry entry in (IDictionary)field.Accessor.GetValue(message))
        {
            if (entry.Value is IMessage child)
                entries.Add((Convert.ToString(entry.Key, CultureInfo.InvariantCulture) ?? string.Empty, child));
        }
        entries.Sort((left, right) => string.CompareOrdinal(left.Key, right.Key));
        foreach (var (key, child) in entries)
            Visit(child, $"{Join(path, field.Name)}[\"{key}\"]", visit, depth);
    }

    private static IMessage? Unpack(Any any) =>
        ResourceTypes.Find(TypeUrl.FullName(any.TypeUrl)) is { } type
            ? ResourceTypes.Parse(type, any.Value.Span) : null;
}
