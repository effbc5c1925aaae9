namespace SelfHeal.Grpc;

/// <summary>The outcome of a call (PROTOCOL-HTTP2.md, "Status" and "Status-Message").</summary>
/// <param name="Code">The code.</param>
/// <param name="Message">Text for people, any Unicode, percent-encoded on the wire; empty when there is nothing to say.
/// </param>
public readonly record struct GrpcStatus(GrpcStatusCode Code, string Message)
{
    /// <summary>Success without a text.</summary>
    public static readonly GrpcStatus Ok = new(GrpcStatusCode.Ok, "");

    /// <summary>Whether the call succeeded.</summary>
    public bool IsOk => Code == GrpcStatusCode.Ok;

    /// <inheritdoc/>
    public override string ToString() => string.IsNullOrEmpty(Message) ? $"{Code}" : $"{Code}: {Message}";
}
