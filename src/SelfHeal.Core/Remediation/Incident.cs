using System.Collections.Immutable;
using SelfHeal.Core.Control;
using SelfHeal.Core.Diagnosis;
using SelfHeal.Core.Records;
using SelfHeal.Core.Time;

namespace SelfHeal.Core.Remediation;

/// <summary>One incident of one service: its state, owned by the control thread.</summary>
/// <param name="id">Its id, as in every record of it.</param>
/// <param name="service">The service.</param>
internal sealed class Incident(string id, string service)
{
    // One recommendation per leading cause; an incident whose cause changes more often needs a human anyway.
    public const int RecommendationLimit = 5;

    private readonly List<LedgerRecord> _records = [];

    public string Id { get; } = id;

    public string Service { get; } = service;

    public IncidentPhase Phase { get; set; } = IncidentPhase.Diagnosed;

    /// <summary>When the step ran that opened it; wall time survives a restart, monotonic time does not.</summary>
    public DateTimeOffset DetectedAt { get; set; }

    public DateTimeOffset OnsetAt { get; set; }

    /// <summary>Causes whose action failed its contract.</summary>
    public ImmutableHashSet<HypothesisKind> Falsified { get; set; } = [];

    public int ActionsTaken { get; set; }

    public OpenAction? Action { get; set; }

    /// <summary>The cause that was last recommended on, so that the same is not said twice.</summary>
    public string LastRecommendation { get; set; } = "";

    public int Recommendations { get; set; }

    public bool PersistenceReported { get; set; }

    /// <summary>The service carries gRPC whose failures cannot be seen: its ring ceiling is 0.</summary>
    public bool IsBlind { get; set; }

    /// <summary>Blocks in a row without a breach.</summary>
    public int QuietBlocks { get; set; }

    /// <summary>Blocks with traffic, without trouble, since the rollback was acknowledged.</summary>
    public int RollbackBlocks { get; set; }

    /// <summary>The next block that the rollback's contract looks at.</summary>
    public long NextRollbackBlock { get; set; }

    public ControlTime? RollbackAcknowledged { get; set; }

    /// <summary>A human was asked and the breach is over; a new breach is a new incident.</summary>
    public bool IsParked { get; set; }

    /// <summary>Its entries in the order of the ledger.</summary>
    public IReadOnlyList<LedgerRecord> Records => _records;

    /// <summary>Nothing more happens to it by itself.</summary>
    public bool IsClosed => IsParked || Phase is IncidentPhase.Resolved or IncidentPhase.Recovered;

    public void Add(LedgerRecord record)
    {
        Invariant.Assert(
            _records.Count == 0 || record.Sequence > _records[^1].Sequence, "an incident's entries are in order");
        _records.Add(record);
    }

    /// <summary>The ledger refused an entry: it never was.</summary>
    public void Remove(LedgerRecord record) => _records.Remove(record);

    public void BeginRollback()
    {
        RollbackBlocks = 0;
        NextRollbackBlock = 0;
        RollbackAcknowledged = null;
    }
}
