using System.Security.Cryptography;
using SelfHeal.Sidecar.Recording;

namespace SelfHeal.UnitTests.Recording;

/// <summary>A hash over every byte of every entry that a replay makes durable.</summary>
internal static class ReplayDigest
{
    public static string Compute(string file)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        new ReplaySession(
            new ReplayRequest { Files = [file] }, record => hash.AppendData(record.Payload), static _ => { })
            .Run(CancellationToken.None);
        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
