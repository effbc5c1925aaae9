using Google.Protobuf;
using SelfHeal.Xds.Delegation;

namespace SelfHeal.Sidecar.Delegation;

/// <summary>What differs between the variants of the protocol.</summary>
/// <param name="Method">The upstream's method.</param>
/// <param name="Parser">Reads its responses.</param>
/// <param name="NextRequest">Takes the next request for it.</param>
/// <param name="OnResponse">Gives a response to the session; answers what is wrong with it.</param>
/// <typeparam name="TRequest">The type of requests.</typeparam>
/// <typeparam name="TGiven">The type of the upstream's responses.</typeparam>
internal sealed record RelayVariant<TRequest, TGiven>(
    string Method,
    MessageParser<TGiven> Parser,
    Func<UpstreamSession, TRequest?> NextRequest,
    Func<RelaySession, TGiven, string> OnResponse)
    where TRequest : class, IMessage<TRequest>
    where TGiven : class, IMessage<TGiven>;
