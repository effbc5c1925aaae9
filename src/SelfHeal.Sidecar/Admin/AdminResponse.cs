using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace SelfHeal.Sidecar.Admin;

/// <summary>Writes the answers of the admin API.</summary>
internal static class AdminResponse
{
    /// <summary>The media type of JSON answers.</summary>
    public const string JsonType = "application/json; charset=utf-8";

    /// <summary>The media type of text answers.</summary>
    public const string TextType = "text/plain; charset=utf-8";

    /// <summary>Answers with JSON.</summary>
    /// <param name="context">The request.</param>
    /// <param name="value">What to write.</param>
    /// <param name="type">From <see cref="AdminJson"/>.</param>
    /// <param name="status">The HTTP status.</param>
    public static Task JsonAsync<T>(
        HttpContext context, T value, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK)
    {
        context.Response.StatusCode = status;
        return BytesAsync(context, JsonSerializer.SerializeToUtf8Bytes(value, type), JsonType);
    }

    /// <summary>Answers with text.</summary>
    /// <param name="context">The request.</param>
    /// <param name="text">What to write.</param>
    public static Task TextAsync(HttpContext context, string text) =>
        BytesAsync(context, Encoding.UTF8.GetBytes(text), TextType);

    /// <summary>Answers with an error.</summary>
    /// <param name="context">The request.</param>
    /// <param name="status">The HTTP status.</param>
    /// <param name="what">What went wrong.</param>
    /// <param name="expected">What was expected.</param>
    public static Task ProblemAsync(HttpContext context, int status, string what, string expected)
    {
        var problem = new ProblemDocument(what, status, expected);
        context.Response.StatusCode = status;
        var body = JsonSerializer.SerializeToUtf8Bytes(problem, AdminJson.Default.ProblemDocument);
        return BytesAsync(context, body, ProblemDocument.ContentType);
    }

    /// <summary>Answers with bytes that are ready.</summary>
    /// <param name="context">The request.</param>
    /// <param name="body">What to write.</param>
    /// <param name="contentType">Its media type.</param>
    public static async Task BytesAsync(HttpContext context, ReadOnlyMemory<byte> body, string contentType)
    {
        var response = context.Response;
        response.ContentType = contentType;
        response.ContentLength = body.Length;
        // Answers change from one second to the next, and none of them is a page.
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        await response.Body.WriteAsync(body, context.RequestAborted);
    }
}
