using System.Collections.Immutable;
using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Google.Protobuf;

namespace SelfHeal.FunctionalTests.Delegation;

/// <summary>A request of either variant, as it came, and what was made of it.</summary>
internal sealed class IstiodRequest
{
    private volatile IstiodFinding _finding = new(IstiodVerdict.Pending);

    private IstiodRequest(IMessage message, string type, string nonce)
    {
        Message = message;
        Type = type;
        Nonce = nonce;
    }

    /// <summary>The whole message.</summary>
    public IMessage Message { get; }

    public string Type { get; }

    public string Nonce { get; }

    /// <summary>Empty in delta.</summary>
    public string Version { get; private init; } = "";

    public Node? Node { get; private init; }

    public Google.Rpc.Status? Error { get; private init; }

    /// <summary><c>resource_names</c>, in delta <c>resource_names_subscribe</c>.</summary>
    public ImmutableArray<string> Names { get; private init; } = [];

    /// <summary><c>resource_names_unsubscribe</c>; none in SotW.</summary>
    public ImmutableArray<string> Unsubscribed { get; private init; } = [];

    /// <summary><c>initial_resource_versions</c>; none in SotW.</summary>
    public ImmutableDictionary<string, string> InitialVersions { get; private init; } =
        ImmutableDictionary<string, string>.Empty;

    public IstiodVerdict Verdict => _finding.Verdict;

    /// <summary>Whether it was taken for an ACK. It may change the subscription and be answered besides.</summary>
    public bool IsAck => _finding.IsAck;

    /// <summary>Whether it asks for other names than the ones that were watched before.</summary>
    public bool ChangesNames => _finding.ChangesNames;

    /// <summary>Whether it asked for a change that Istiod did not take note of.</summary>
    public bool IsLostChange => ChangesNames && Verdict is IstiodVerdict.Rejected or IstiodVerdict.Expired;

    public static IstiodRequest Of(IMessage message) => message switch
    {
        DiscoveryRequest sotw => new(message, sotw.TypeUrl, sotw.ResponseNonce)
        {
            Version = sotw.VersionInfo,
            Node = sotw.Node,
            Error = sotw.ErrorDetail,
            Names = [.. sotw.ResourceNames],
        },
        DeltaDiscoveryRequest delta => new(message, delta.TypeUrl, delta.ResponseNonce)
        {
            Node = delta.Node,
            Error = delta.ErrorDetail,
            Names = [.. delta.ResourceNamesSubscribe],
            Unsubscribed = [.. delta.ResourceNamesUnsubscribe],
            InitialVersions = delta.InitialResourceVersions.ToImmutableDictionary(),
        },
        _ => throw new ArgumentException($"{message.Descriptor.FullName} is no request", nameof(message)),
    };

    public void Conclude(IstiodFinding finding) => _finding = finding;

    public override string ToString() =>
        $"{Type[(Type.LastIndexOf('.') + 1)..]} nonce '{Nonce}' [{string.Join(',', Names)}] {_finding}";
}
