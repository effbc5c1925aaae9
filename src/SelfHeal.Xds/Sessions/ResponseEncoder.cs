using System.Collections.Immutable;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;

namespace SelfHeal.Xds.Sessions;

/// <summary>
/// Encodes responses: a header of their own, then the resources' shared bytes. The order of fields in a message is
/// free, so the resources may come last.
/// </summary>
internal static class ResponseEncoder
{
    // Field numbers of DiscoveryResponse and DeltaDiscoveryResponse (DISC), all of them length-delimited.
    private const byte SotwVersionTag = (1 << 3) | 2;
    private const byte SotwTypeTag = (4 << 3) | 2;
    private const byte SotwNonceTag = (5 << 3) | 2;
    private const byte SotwControlPlaneTag = (6 << 3) | 2;
    private const byte DeltaVersionTag = (1 << 3) | 2;
    private const byte DeltaTypeTag = (4 << 3) | 2;
    private const byte DeltaNonceTag = (5 << 3) | 2;
    private const byte DeltaRemovedTag = (6 << 3) | 2;
    private const byte DeltaControlPlaneTag = (7 << 3) | 2;
    private const byte IdentifierTag = (1 << 3) | 2;

    // resource_errors is newer than the API that the messages here are generated from, so it is written by hand:
    // ResourceError { ResourceName resource_name = 1 { string name = 1 }; google.rpc.Status error_detail = 2 }.
    private const byte SotwErrorTag = (7 << 3) | 2;
    private const byte DeltaErrorTag = (9 << 3) | 2;
    private const byte ErrorNameTag = (1 << 3) | 2;
    private const byte ErrorDetailTag = (2 << 3) | 2;
    private const byte NameTag = (1 << 3) | 2;

    private const byte DeltaResourceTag = (2 << 3) | 2;

    /// <summary>State of the world.</summary>
    /// <param name="typeUrl">The type.</param>
    /// <param name="nonce">The response's.</param>
    /// <param name="identifier">Who answers.</param>
    /// <param name="plan">What it says.</param>
    /// <param name="usesTtl">Whether the client understands a time to live.</param>
    public static XdsResponse Sotw(string typeUrl, string nonce, string identifier, ResponsePlan plan, bool usesTtl)
    {
        var header = new byte[FieldSize(plan.Version) + FieldSize(typeUrl) + FieldSize(nonce) + NestedSize(identifier)];
        var output = new CodedOutputStream(header);
        Write(output, SotwVersionTag, plan.Version);
        Write(output, SotwTypeTag, typeUrl);
        Write(output, SotwNonceTag, nonce);
        WriteIdentifier(output, SotwControlPlaneTag, identifier);
        output.CheckNoSpaceLeft();
        return Assemble(typeUrl, nonce, header, plan, isDelta: false, usesTtl);
    }

    /// <summary>Incremental.</summary>
    /// <param name="typeUrl">The type.</param>
    /// <param name="nonce">The response's.</param>
    /// <param name="identifier">Who answers.</param>
    /// <param name="plan">What it says.</param>
    /// <param name="usesTtl">Whether the client understands a time to live.</param>
    public static XdsResponse Delta(string typeUrl, string nonce, string identifier, ResponsePlan plan, bool usesTtl)
    {
        var size = FieldSize(plan.Version) + FieldSize(typeUrl) + FieldSize(nonce) + NestedSize(identifier);
        foreach (var name in plan.Removed)
            size += FieldSize(name);
        var header = new byte[size];
        var output = new CodedOutputStream(header);
        Write(output, DeltaVersionTag, plan.Version);
        Write(output, DeltaTypeTag, typeUrl);
        Write(output, DeltaNonceTag, nonce);
        foreach (var name in plan.Removed)
            Write(output, DeltaRemovedTag, name);
        WriteIdentifier(output, DeltaControlPlaneTag, identifier);
        output.CheckNoSpaceLeft();
        return Assemble(typeUrl, nonce, header, plan, isDelta: true, usesTtl);
    }

    private static XdsResponse Assemble(
        string typeUrl, string nonce, byte[] header, ResponsePlan plan, bool isDelta, bool usesTtl)
    {
        var segments = ImmutableArray.CreateBuilder<ReadOnlyMemory<byte>>(2);
        segments.Add(header);
        if (plan.Whole is { Resources.Length: > 1 } set && (set.TtlMin is null || !usesTtl))
        {
            if (isDelta)
                set.Body.AddDelta(segments);
            else
                set.Body.AddSotw(segments);
        }
        else
        {
            foreach (var resource in plan.Resources)
                segments.Add(resource.Frame(isDelta, usesTtl, plan.IsHeartbeat));
        }
        if (!plan.Unresolved.IsEmpty || !plan.Problems.IsEmpty)
            segments.Add(EncodeRest(plan, isDelta));
        return new XdsResponse(typeUrl, plan.Version, nonce, plan.Resources.Length, segments.DrainToImmutable());
    }

    private static byte[] EncodeRest(ResponsePlan plan, bool isDelta)
    {
        using var rest = new MemoryStream();
        using var output = new CodedOutputStream(rest);
        foreach (var name in plan.Unresolved)
        {
            var empty = new Resource { Name = name, Aliases = { name } };
            output.WriteRawTag(DeltaResourceTag);
            output.WriteMessage(empty);
        }
        foreach (var (name, code, message) in plan.Problems)
        {
            var detail = new Google.Rpc.Status { Code = code, Message = message };
            var detailSize = detail.CalculateSize();
            var nameSize = FieldSize(name);
            output.WriteRawTag(isDelta ? DeltaErrorTag : SotwErrorTag);
            output.WriteLength(
                1 + CodedOutputStream.ComputeLengthSize(nameSize) + nameSize
                + 1 + CodedOutputStream.ComputeLengthSize(detailSize) + detailSize);
            output.WriteRawTag(ErrorNameTag);
            output.WriteLength(nameSize);
            Write(output, NameTag, name);
            output.WriteRawTag(ErrorDetailTag);
            output.WriteMessage(detail);
        }
        output.Flush();
        return rest.ToArray();
    }

    // An empty string is left out, as every encoder of proto3 does.
    private static int FieldSize(string text) => text.Length == 0 ? 0 : 1 + CodedOutputStream.ComputeStringSize(text);

    private static int NestedSize(string text)
    {
        var inner = FieldSize(text);
        return 1 + CodedOutputStream.ComputeLengthSize(inner) + inner;
    }

    private static void Write(CodedOutputStream output, byte tag, string text)
    {
        if (text.Length == 0)
            return;
        output.WriteRawTag(tag);
        output.WriteString(text);
    }

    private static void WriteIdentifier(CodedOutputStream output, byte tag, string identifier)
    {
        output.WriteRawTag(tag);
        output.WriteLength(FieldSize(identifier));
        Write(output, IdentifierTag, identifier);
    }
}
