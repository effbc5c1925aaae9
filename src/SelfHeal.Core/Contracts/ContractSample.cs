namespace SelfHeal.Core.Contracts;

/// <summary>One block that a contract counted.</summary>
/// <param name="Block">The block's number.</param>
/// <param name="Millis">Its length.</param>
/// <param name="Trials">Final responses of the contract's clusters.</param>
/// <param name="Events">Final 5xx among them.</param>
/// <param name="Ejections">Hosts ejected at its end.</param>
public readonly record struct ContractSample(long Block, long Millis, long Trials, long Events, long Ejections);
