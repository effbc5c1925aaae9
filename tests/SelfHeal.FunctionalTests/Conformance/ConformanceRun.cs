using System.Collections.Concurrent;

namespace SelfHeal.FunctionalTests.Conformance;

/// <summary>How the behaviours ended in this run.</summary>
internal static class ConformanceRun
{
    private const int PeersMax = 2;

    private static readonly ConcurrentDictionary<(int Number, Variant Variant), bool> Results = new();
    private static readonly ConcurrentDictionary<string, bool> PeerResults = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, bool> PeerVersions = new(StringComparer.Ordinal);

    /// <summary>What independent clients did, by client and what was asked of it.</summary>
    public static IReadOnlyDictionary<string, bool> Peers => PeerResults;

    /// <summary>The peers that took part, with their versions, sorted.</summary>
    public static IEnumerable<string> Versions => PeerVersions.Keys.Order(StringComparer.Ordinal);

    /// <summary>Whether every case of the table has been run, and every independent client.</summary>
    public static bool IsComplete => BehaviourTable.Cases.All(Results.ContainsKey) && Peers.Count == PeersMax;

    /// <summary>Notes an end; of a test that is repeated the last one counts.</summary>
    public static void Record(int number, Variant variant, bool passed) => Results[(number, variant)] = passed;

    /// <summary>Notes that a peer takes part.</summary>
    public static void RecordVersion(string peer) => PeerVersions[peer] = true;

    /// <summary>Notes what an independent client did.</summary>
    public static void RecordPeer(string what, bool passed) => PeerResults[what] = passed;

    /// <summary>Whether a behaviour was shown; null if it did not run.</summary>
    public static bool? Find(int number, Variant variant) =>
        Results.TryGetValue((number, variant), out var passed) ? passed : null;
}
