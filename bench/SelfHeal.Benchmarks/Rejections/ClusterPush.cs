using Google.Protobuf.WellKnownTypes;

namespace SelfHeal.Benchmarks.Rejections;

/// <summary>One response with clusters, of either variant.</summary>
/// <param name="Nonce">Its nonce.</param>
/// <param name="Resources">The clusters in it.</param>
/// <param name="Removed">Names that it removes.</param>
/// <param name="IsWhole">Whether what is not in it is gone.</param>
internal sealed record ClusterPush(
    string Nonce, IReadOnlyList<Any> Resources, IReadOnlyList<string> Removed, bool IsWhole);
