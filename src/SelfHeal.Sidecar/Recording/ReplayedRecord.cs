using SelfHeal.Core.Records;

namespace SelfHeal.Sidecar.Recording;

/// <summary>An entry that a replay would have put into the ledger.</summary>
/// <param name="Record">The entry.</param>
/// <param name="Payload">Its canonical bytes.</param>
/// <param name="AfterDivergence">Whether the telemetry behind it is of a world in which something else was done.
/// </param>
internal sealed record ReplayedRecord(LedgerRecord Record, byte[] Payload, bool AfterDivergence);
