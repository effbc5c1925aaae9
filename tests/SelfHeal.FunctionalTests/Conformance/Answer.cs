using System.Collections.Immutable;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace SelfHeal.FunctionalTests.Conformance;

/// <summary>A response of either variant.</summary>
internal sealed class Answer
{
    // resource_errors is younger than the messages that are generated here.
    private const int SotwErrors = 7;
    private const int DeltaErrors = 9;

    private Answer(string type, string version, string nonce, string identifier)
    {
        Type = type;
        Version = version;
        Nonce = nonce;
        Identifier = identifier;
    }

    public string Type { get; }

    /// <summary><c>version_info</c>, or <c>system_version_info</c> of delta.</summary>
    public string Version { get; }

    public string Nonce { get; }

    /// <summary><c>control_plane.identifier</c>.</summary>
    public string Identifier { get; }

    /// <summary>As they came. Those of SotW have a name and a body, and a version only if they were wrapped.</summary>
    public ImmutableArray<Resource> Resources { get; private init; } = [];

    /// <summary>Names of <c>removed_resources</c>; none in SotW.</summary>
    public ImmutableArray<string> Removed { get; private init; } = [];

    /// <summary>What the server says of single names: gRPC code by name.</summary>
    public ImmutableArray<(string Name, int Code)> Errors { get; private init; } = [];

    /// <summary>Whether resources of SotW came in a wrapper.</summary>
    public bool IsWrapped { get; private init; }

    /// <summary>The names of the resources, sorted, with commas between them.</summary>
    public string Names => string.Join(',', Resources.Select(static r => r.Name).Order(StringComparer.Ordinal));

    /// <summary>The names that were removed, sorted, with commas between them.</summary>
    public string RemovedNames => string.Join(',', Removed.Order(StringComparer.Ordinal));

    /// <summary>The resource's encoded message, for comparison.</summary>
    public ByteString BytesOf(string name) => Find(name).Resource_.Value;

    public T MessageOf<T>(string name)
        where T : IMessage, new() => Find(name).Resource_.Unpack<T>();

    public Resource Find(string name) => Resources.SingleOrDefault(r => r.Name == name)
        ?? throw new AssertionException($"'{name}' is not in {this}");

    public static Answer OfSotw(byte[] bytes)
    {
        var response = DiscoveryResponse.Parser.ParseFrom(bytes);
        return new(response.TypeUrl, response.VersionInfo, response.Nonce, response.ControlPlane?.Identifier ?? "")
        {
            Resources = [.. response.Resources.Select(Unwrap)],
            IsWrapped = response.Resources.Any(static any => any.TypeUrl is XdsServices.Wrapper),
            Errors = [.. Fields(bytes, SotwErrors).Select(ErrorIn)],
        };
    }

    public static Answer OfDelta(byte[] bytes)
    {
        var response = DeltaDiscoveryResponse.Parser.ParseFrom(bytes);
        var identifier = response.ControlPlane?.Identifier ?? "";
        return new(response.TypeUrl, response.SystemVersionInfo, response.Nonce, identifier)
        {
            Resources = [.. response.Resources],
            Removed = [.. response.RemovedResources],
            Errors = [.. Fields(bytes, DeltaErrors).Select(ErrorIn)],
        };
    }

    public override string ToString() =>
        $"{Type[(Type.LastIndexOf('.') + 1)..]} {Version} nonce {Nonce}: [{Names}] removed [{RemovedNames}]";

    private static Resource Unwrap(Any any) => any.TypeUrl is XdsServices.Wrapper
        ? any.Unpack<Resource>()
        : new Resource { Name = NameIn(any.Value), Resource_ = any };

    /// <summary>Every type that these tests use has its name in field 1.</summary>
    private static string NameIn(ByteString body) =>
        Fields(body.Span, 1).FirstOrDefault()?.ToStringUtf8() ?? "";

    /// <summary>A ResourceError: a ResourceName in field 1, a Status in field 2.</summary>
    private static (string Name, int Code) ErrorIn(ByteString error) => (
        NameIn(Fields(error.Span, 1).First()),
        Google.Rpc.Status.Parser.ParseFrom(Fields(error.Span, 2).First()).Code);

    /// <summary>The values of a field that is a message, a string or bytes.</summary>
    private static List<ByteString> Fields(ReadOnlySpan<byte> message, int number)
    {
        var found = new List<ByteString>();
        using var input = new CodedInputStream(message.ToArray());
        for (var tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
        {
            if (WireFormat.GetTagFieldNumber(tag) == number
                && WireFormat.GetTagWireType(tag) is WireFormat.WireType.LengthDelimited)
                found.Add(input.ReadBytes());
            else
                input.SkipLastField();
        }
        return found;
    }
}
