namespace SelfHeal.Core;

/// <summary>
/// An invariant did not hold: the state cannot be trusted any more, so nothing more may be decided from it.
/// </summary>
/// <param name="message">What must hold, and the expression that said otherwise.</param>
public sealed class InvariantException(string message) : Exception(message);
