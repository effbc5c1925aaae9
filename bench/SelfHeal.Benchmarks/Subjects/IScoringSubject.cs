namespace SelfHeal.Benchmarks.Subjects;

/// <summary>
/// What the scoring figures time. It is made with its series and their history; one <see cref="Feed"/> brings a block,
/// one <see cref="Evaluate"/> looks at it.
/// </summary>
internal interface IScoringSubject
{
    /// <summary>How many series each evaluation looks at.</summary>
    int Series { get; }

    /// <summary>Brings the next block; not timed.</summary>
    void Feed();

    /// <summary>All looks at every series for the newest block; timed.</summary>
    void Evaluate();

    /// <summary>What the evaluations found since the start: nothing is left out because nobody reads it.</summary>
    long Findings { get; }
}
