namespace SelfHeal.FunctionalTests.Delegation;

/// <summary>What was made of a request.</summary>
/// <param name="Verdict">In short.</param>
/// <param name="IsAck">Whether it was taken for an ACK.</param>
/// <param name="ChangesNames">Whether it asks for other names than the ones that were watched before.</param>
internal sealed record IstiodFinding(IstiodVerdict Verdict, bool IsAck = false, bool ChangesNames = false);
