using System.Collections.Immutable;

namespace SelfHeal.Sidecar.Admin;

/// <summary>Whether new Envoys should connect here, and whether anybody judges.</summary>
/// <param name="Ready">Whether to send traffic.</param>
/// <param name="Reasons">Why not, and anything else worth knowing; each one a sentence.</param>
/// <param name="Judgement">Whether the control loop runs; says nothing about <paramref name="Ready"/>, because the
/// relay never depends on the judgement.</param>
internal sealed record Readiness(bool Ready, ImmutableArray<string> Reasons, JudgementState Judgement);
