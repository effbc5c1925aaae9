using System.Collections.Immutable;

namespace SelfHeal.Sidecar.Config.Loading;

/// <summary>What became of a configuration file.</summary>
internal abstract record ConfigResult
{
    /// <summary>Every check passed.</summary>
    /// <param name="Options">The values.</param>
    /// <param name="Warnings">What is allowed and yet worth a second look.</param>
    internal sealed record Valid(SelfHealOptions Options, ImmutableArray<ConfigFinding> Warnings) : ConfigResult;

    /// <summary>Something is wrong.</summary>
    /// <param name="Errors">All of it, in the order of the file.</param>
    internal sealed record Invalid(ImmutableArray<ConfigFinding> Errors) : ConfigResult;
}
