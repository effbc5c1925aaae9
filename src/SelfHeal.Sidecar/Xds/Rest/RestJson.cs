using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using SelfHeal.Xds.Resources;

namespace SelfHeal.Sidecar.Xds.Rest;

/// <summary>The canonical JSON of discovery requests and responses, with the field names of the API.</summary>
internal static class RestJson
{
    // Newer clients send fields that we do not know; they are hints.
    private static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    private static readonly JsonDocumentOptions Depth = new() { MaxDepth = 256 };

    // Written once for each resource, however many clients poll for it; it goes when the resource goes.
    private static readonly ConditionalWeakTable<XdsResource, byte[]> Written = [];

    /// <summary>Reads a request.</summary>
    /// <param name="text">A JSON object; field names in either form.</param>
    /// <param name="problem">What is wrong with it; empty when nothing is.</param>
    public static DiscoveryRequest? ReadRequest(string text, out string problem)
    {
        problem = "";
        try
        {
            return Parser.Parse<DiscoveryRequest>(text);
        }
        catch (Exception exception) when (exception is InvalidProtocolBufferException or InvalidJsonException)
        {
            problem = exception.Message;
            return null;
        }
    }

    /// <summary>Writes a response.</summary>
    /// <param name="typeUrl">The type of its resources.</param>
    /// <param name="answer">Version and resources.</param>
    /// <param name="identifier">Who answers.</param>
    /// <param name="unknown">
    /// The first resource that JSON cannot hold, because it or an <c>Any</c> in it is of a type that is not known here.
    /// </param>
    /// <returns>Null if there is such a resource.</returns>
    public static ReadOnlyMemory<byte>? WriteResponse(
        string typeUrl, RestAnswer answer, string identifier, out XdsResource? unknown)
    {
        unknown = null;
        var body = new ArrayBufferWriter<byte>(4096);
        using var json = new Utf8JsonWriter(body);
        json.WriteStartObject();
        json.WriteString("version_info", answer.Version);
        json.WriteStartArray("resources");
        foreach (var resource in answer.Resources)
        {
            if (Write(resource) is not { } written)
            {
                unknown = resource;
                return null;
            }

            json.WriteRawValue(written, skipInputValidation: true);
        }

        json.WriteEndArray();
        json.WriteString("type_url", typeUrl);
        json.WriteStartObject("control_plane");
        json.WriteString("identifier", identifier);
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        return body.WrittenMemory;
    }

    private static byte[]? Write(XdsResource resource)
    {
        if (Written.TryGetValue(resource, out var written))
            return written;
        if (ResourceJson.Format(resource) is not { } text)
            return null;
        using var document = JsonDocument.Parse(text, Depth);
        var body = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(body);
        json.WriteStartObject();
        json.WriteString("@type", resource.TypeUrl);
        if (document.RootElement.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in document.RootElement.EnumerateObject())
                property.WriteTo(json);
        }
        else
        {
            // A type whose JSON is no object, such as google.protobuf.StringValue (proto3 JSON mapping, Any).
            json.WritePropertyName("value");
            document.RootElement.WriteTo(json);
        }

        json.WriteEndObject();
        json.Flush();
        written = body.WrittenSpan.ToArray();
        Written.AddOrUpdate(resource, written);
        return written;
    }
}
