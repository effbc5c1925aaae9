using System.Collections.Immutable;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using SelfHeal.Xds.Resources;
using SelfHeal.Xds.Resources.Descriptors;

namespace SelfHeal.Xds.Snapshots;

/// <summary>
/// What the API's own rules say of one resource and of everything in it, through <c>Any</c>s of known types as if they
/// were fields.
/// </summary>
/// <param name="IsDecodable">False for bytes that are not what the type says; true for unknown types.</param>
/// <param name="Findings">The broken rules, outermost message first.</param>
internal sealed record RuleFindings(bool IsDecodable, ImmutableArray<RuleFinding> Findings)
{
    // As protobuf bounds one message; an Any begins another, so nothing else bounds a chain of them.
    private const int MaxDepth = 100;

    private static readonly RuleFindings None = new(true, []);

    public static RuleFindings Of(XdsResource resource, DescriptorIndex types)
    {
        if (types.Find(TypeUrl.FullName(resource.TypeUrl)) is not { } schema)
            return None;
        if (DynamicDecoder.Decode(schema, resource.ValueBytes) is not { } message)
            return None with { IsDecodable = false };
        var walk = new Walk(types);
        walk.Visit(message, string.Empty, 0);
        return walk.Findings.Count == 0 ? None : new RuleFindings(true, [.. walk.Findings]);
    }

    private sealed class Walk(DescriptorIndex types)
    {
        public List<RuleFinding> Findings { get; } = [];

        public void Visit(DynamicMessage message, string path, int depth)
        {
            if (depth > MaxDepth)
            {
                Findings.Add(new RuleFinding(path, $"nests deeper than {MaxDepth} messages"));
                return;
            }
            if (message.Schema.FullName is "google.protobuf.Any")
                VisitAny(message, path, depth);
            // What is well known has no rules, and a Struct is data of somebody else.
            else if (!message.Schema.AreRulesOff && !WellKnownReader.Handles(message.Schema.FullName))
            {
                ApiRules.Check(message, path, Findings);
                foreach (var (field, value) in message.Values)
                    VisitField(field, value, MessageWalk.Join(path, field.Name), depth + 1);
            }
        }

        private void VisitField(FieldSchema field, object value, string path, int depth)
        {
            if (field.Kind != FieldType.Message || field.Check?.IsSkipped == true)
                return;
            switch (value)
            {
                case DynamicMessage child:
                    Visit(child, path, depth);
                    break;
                case List<object> list:
                    for (var index = 0; index < list.Count; index++)
                    {
                        if (list[index] is DynamicMessage item)
                            Visit(item, $"{path}[{index}]", depth);
                    }
                    break;
                case SortedDictionary<object, object> map:
                    foreach (var (key, item) in map)
                    {
                        if (item is DynamicMessage child)
                            Visit(child, $"{path}[\"{key}\"]", depth);
                    }
                    break;
            }
        }

        private void VisitAny(DynamicMessage any, string path, int depth)
        {
            if (any.Get(any.Schema.Fields[0]) is not string url || types.Find(TypeUrl.FullName(url)) is not { } schema)
                return;
            var bytes = any.Get(any.Schema.Fields[1]) as ByteString ?? ByteString.Empty;
            if (DynamicDecoder.Decode(schema, bytes.Memory) is { } content)
                Visit(content, path, depth + 1);
            else
                Findings.Add(new RuleFinding(path, $"the bytes are no {schema.FullName}"));
        }
    }
}
