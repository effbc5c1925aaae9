using System.Security.Cryptography;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SelfHeal.Xds.Resources;

namespace SelfHeal.FunctionalTests.Delegation;

/// <summary>One resource; its bytes go on the wire as they are, whether they mean anything or not.</summary>
/// <param name="Type">Type URL, of any type.</param>
/// <param name="Name">Name; empty where there is one resource of the type only, as in NDS.</param>
/// <param name="Body">The value of the Any.</param>
internal sealed record IstiodResource(string Type, string Name, ByteString Body)
{
    /// <summary>What the Any says. Usually the type.</summary>
    public string AnyType { get; init; } = Type;

    /// <summary>Sent for WDS only; all other types of Istiod have an empty version.</summary>
    public string Version => Convert.ToHexStringLower(SHA256.HashData(Body.Span).AsSpan(0, 8));

    /// <summary>As it goes on the wire.</summary>
    public Any Any => new() { TypeUrl = AnyType, Value = Body };

    /// <summary>Takes type and name from a message.</summary>
    public static IstiodResource Of(IMessage message)
    {
        var fields = message.Descriptor;
        var name = fields.FindFieldByName("name") ?? fields.FindFieldByName("cluster_name");
        return new IstiodResource(
            TypeUrl.Prefix + fields.FullName,
            name?.Accessor.GetValue(message) as string ?? "",
            message.ToByteString());
    }
}
