using System.Security.Cryptography;
using System.Text;
using SelfHeal.Xds.Snapshots;

namespace SelfHeal.Xds.Accepted;

/// <summary>One version for all types of a snapshot, for people: equal for equal content, on every machine.</summary>
public static class SnapshotVersion
{
    private const int Characters = 16;

    /// <summary>The version; empty for no snapshot.</summary>
    /// <param name="snapshot">What is served, or was.</param>
    public static string Of(ValidatedSnapshot? snapshot)
    {
        if (snapshot is null)
            return "";
        // Types without resources are not told apart from types that are not there.
        var types = snapshot.Sets.Where(static set => set.Value.Resources.Length > 0)
            .Select(static set => $"{set.Key} {set.Value.Version}");
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', types)));
        return Convert.ToHexStringLower(hash)[..Characters];
    }
}
