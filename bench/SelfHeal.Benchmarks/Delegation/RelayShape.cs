using System.Globalization;

namespace SelfHeal.Benchmarks.Delegation;

/// <summary>What one push of <see cref="RelayUpstream"/> carries.</summary>
/// <param name="Clusters">How many clusters.</param>
/// <param name="Endpoints">How many endpoints each has; 23 bytes or so each.</param>
/// <param name="Changed">How many of the clusters change with each push.</param>
internal readonly record struct RelayShape(int Clusters, int Endpoints, int Changed)
{
    /// <summary>As the control port of <see cref="RelayUpstream"/> reads it.</summary>
    /// <param name="isRelayed">Which of its two streams gets the push: the relay's, or the one beside it.</param>
    public string Target(bool isRelayed) => string.Create(
        CultureInfo.InvariantCulture,
        $"/bump?to={(isRelayed ? RelayUpstream.Relayed : RelayUpstream.Direct)}&clusters={Clusters}"
        + $"&endpoints={Endpoints}&changed={Changed}");
}
