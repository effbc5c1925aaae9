namespace SelfHeal.Core.Records;

/// <summary>What bounds the damage.</summary>
/// <param name="BlastRadiusPpm">Share of the service's traffic that is touched.</param>
/// <param name="ProxiesInScope">Proxies that hold the route.</param>
/// <param name="ReceiverTrialsPerSecondMillis">What the receivers answer now, in thousandths per second.</param>
/// <param name="ReceiverLoadFactorPpm">How much more they will get: 1,111,111 is 1.11 times.</param>
/// <param name="StateSensitivity">The analysis, as a sentence.</param>
/// <param name="ActionsTaken">Actions in this incident before this one.</param>
public sealed record SafetyBlock(
    int BlastRadiusPpm,
    int ProxiesInScope,
    long ReceiverTrialsPerSecondMillis,
    long ReceiverLoadFactorPpm,
    string StateSensitivity,
    int ActionsTaken);
