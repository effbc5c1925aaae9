using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace SelfHeal.Core;

/// <summary>
/// What must hold, in Release too. A failed invariant stops the control loop and leaves overlays as they are; it never
/// stops the relay.
/// </summary>
public static class Invariant
{
    /// <summary>Throws <see cref="InvariantException"/> unless <paramref name="condition"/> holds.</summary>
    /// <param name="condition">The condition, stated positively.</param>
    /// <param name="whatMustHold">What must hold, as a sentence.</param>
    /// <param name="expression">Filled in by the compiler.</param>
    public static void Assert(
        [DoesNotReturnIf(false)] bool condition,
        string whatMustHold,
        [CallerArgumentExpression(nameof(condition))] string expression = "")
    {
        if (!condition)
            throw new InvariantException($"{whatMustHold} ({expression})");
    }
}
