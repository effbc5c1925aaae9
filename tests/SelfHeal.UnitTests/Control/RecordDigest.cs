using System.Security.Cryptography;
using SelfHeal.Core.Control;
using SelfHeal.Core.Records;

namespace SelfHeal.UnitTests.Control;

/// <summary>
/// A hash over every byte of every ledger entry of two incidents on simulated time: equal in processes that decide
/// equally, whatever their hash codes and their processors.
/// </summary>
internal static class RecordDigest
{
    private const int WarmUpFlushes = 6;

    public static string Compute()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var payload in Payloads(BadCanary()).Concat(Payloads(WrongGuess())))
            hash.AppendData(payload);
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    /// <summary>The canary fails, loses its traffic, and the contract passes.</summary>
    public static GatewayModel BadCanary()
    {
        var gateway = Warm();
        gateway.FailureRatio = static cluster => cluster == GatewayModel.Canary ? 0.3 : 0;
        gateway.RunUntil(() => gateway.Phase == IncidentPhase.Resolved, 80);
        return gateway;
    }

    /// <summary>The failures follow the traffic: the contract fails, the rollback runs, a human is asked.</summary>
    public static GatewayModel WrongGuess()
    {
        var gateway = Warm();
        gateway.FailureRatio = cluster =>
        {
            var newest = gateway.WeightOf(GatewayModel.Canary) > 0 ? GatewayModel.Canary : GatewayModel.Stable;
            return cluster == newest ? 0.3 : 0;
        };
        gateway.RunUntil(() => gateway.Phase == IncidentPhase.Recommended, 80);
        return gateway;
    }

    private static GatewayModel Warm()
    {
        var gateway = new GatewayModel(seed: 20260412);
        gateway.RunUntil(static () => false, WarmUpFlushes);
        return gateway;
    }

    private static IEnumerable<byte[]> Payloads(GatewayModel gateway) =>
        gateway.Ledger.Select(static record => RecordJson.Write(record));
}
