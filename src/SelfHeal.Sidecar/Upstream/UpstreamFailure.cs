using SelfHeal.Core.Upstream;

namespace SelfHeal.Sidecar.Upstream;

/// <summary>Why the upstream's metrics could not be read.</summary>
/// <param name="Answer">Whether anything answered.</param>
/// <param name="Reason">What is wrong, in words that stay the same as long as the same is wrong.</param>
/// <param name="Where">The line of the text, from 1; 0 where it is not about one.</param>
internal sealed record UpstreamFailure(UpstreamAnswer Answer, string Reason, int Where = 0)
{
    /// <inheritdoc/>
    public override string ToString() => Where == 0 ? Reason : $"line {Where}: {Reason}";
}
