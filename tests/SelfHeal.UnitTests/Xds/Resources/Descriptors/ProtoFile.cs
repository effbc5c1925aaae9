using Google.Protobuf;
using Google.Protobuf.Reflection;
using SelfHeal.Xds.Resources.Descriptors;
using Validate;
using static Google.Protobuf.Reflection.FieldDescriptorProto.Types;

namespace SelfHeal.UnitTests.Xds.Resources.Descriptors;

/// <summary>Descriptors written by hand, as a compiler would make them.</summary>
internal static class ProtoFile
{
    public const string Package = "acme.v1";

    public static FileDescriptorProto Of(string name, params DescriptorProto[] messages)
    {
        var file = new FileDescriptorProto { Name = name, Package = Package, Syntax = "proto3" };
        file.MessageType.AddRange(messages);
        return file;
    }

    public static DescriptorProto Message(string name, params FieldDescriptorProto[] fields)
    {
        var message = new DescriptorProto { Name = name };
        message.Field.AddRange(fields);
        return message;
    }

    public static FieldDescriptorProto Field(
        string name, int number, FieldDescriptorProto.Types.Type type, string typeName = "", FieldRules? rules = null)
    {
        var field = new FieldDescriptorProto
        {
            Name = name,
            Number = number,
            Type = type,
            Label = Label.Optional,
        };
        if (typeName.Length > 0)
            field.TypeName = typeName.StartsWith("google.", StringComparison.Ordinal)
                ? $".{typeName}" : $".{Package}.{typeName}";
        if (rules is not null)
        {
            field.Options = new FieldOptions();
            field.Options.SetExtension(ValidateExtensions.Rules, rules);
        }
        return field;
    }

    public static FieldDescriptorProto Repeated(this FieldDescriptorProto field)
    {
        field.Label = Label.Repeated;
        return field;
    }

    /// <summary>A map from a key of this type, with the entry that the message must hold.</summary>
    public static DescriptorProto WithMap(
        this DescriptorProto message, string name, int number, FieldDescriptorProto key, FieldDescriptorProto value,
        FieldRules? rules = null)
    {
        var entry = Message($"{name}Entry", key, value);
        entry.Options = new MessageOptions { MapEntry = true };
        message.NestedType.Add(entry);
        var map = Field(name, number, FieldDescriptorProto.Types.Type.Message, $"{message.Name}.{entry.Name}", rules);
        message.Field.Add(map.Repeated());
        return message;
    }

    public static byte[] Set(params FileDescriptorProto[] files)
    {
        var set = new FileDescriptorSet();
        set.File.AddRange(files);
        return set.ToByteArray();
    }

    public static DescriptorIndexResult Read(params FileDescriptorProto[] files) => Read(Set(files));

    public static DescriptorIndexResult Read(params byte[][] sets) => DescriptorIndex.Read(
        sets.Select((bytes, index) => new DescriptorSetFile($"set{index}.binpb", bytes)));

    public static DescriptorIndex Index(params FileDescriptorProto[] files)
    {
        var result = Read(files);
        Assert.That(result.Errors, Is.Empty);
        return result.Index ?? throw new AssertionException("no index");
    }
}
