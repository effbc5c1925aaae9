using System.Collections.Immutable;
using SelfHeal.Xds.Resources;

namespace SelfHeal.Xds.Sessions;

/// <summary>
/// Finds which contents of a rejected response a client rejects, by trying parts of it: what the client named waits
/// while the others go; what it did not name is tried by halves. Each step either lets some contents pass or leaves
/// fewer in doubt, so it ends; one culprit among n that is not named takes the fallback, at most ceil(log2 n) trials
/// and one response with the rest.
/// </summary>
internal sealed class CulpritSearch
{
    // The group on top is the one that must be bad if the present trial passes, as long as it says so.
    private readonly Stack<Group> _waiting = new();
    private Group _trial = Group.Nothing;

    /// <summary>Responses since the first rejection.</summary>
    public int Pushes { get; private set; }

    /// <summary>Whether nothing is in doubt any more.</summary>
    public bool IsOver => _waiting.Count == 0 && _trial.Members.IsEmpty;

    /// <summary>What must not be in the next response.</summary>
    public IEnumerable<XdsResource> HeldBack => _waiting.SelectMany(group => group.Members);

    /// <summary>Counts a response.</summary>
    public void OnSent() => Pushes++;

    /// <summary>The client rejected a response.</summary>
    /// <param name="suspects">What it carried and the client never accepted, sorted by name; at least one.</param>
    /// <param name="message">The client's words.</param>
    /// <param name="culprits">Is given what is certain now.</param>
    public void OnRejected(IReadOnlyList<XdsResource> suspects, string message, List<Culprit> culprits)
    {
        var isFirst = Pushes == 0;
        if (_waiting.TryPeek(out var beside))
            beside.IsBadIfTrialPasses = false;
        _trial = Group.Nothing;
        if (suspects.Count == 1)
        {
            culprits.Add(new Culprit(suspects[0], message, Pushes));
            MoveOn(trialPassed: false, culprits);
            return;
        }
        var named = suspects.Where(suspect => NameMention.IsIn(message, suspect.Name)).ToImmutableArray();
        if (named.Length > 0 && named.Length < suspects.Count)
            Try([.. suspects.Except(named)], named, message);
        else if (isFirst)
            Try([], [.. suspects], message);
        else
            TryHalf([.. suspects], message);
    }

    /// <summary>The client accepted the present trial.</summary>
    public void OnAccepted(List<Culprit> culprits) => MoveOn(trialPassed: true, culprits);

    /// <summary>
    /// There was nothing to send for the present trial. That proves nothing of what waits beside it, but a fallback
    /// that was not needed leaves those in doubt that were.
    /// </summary>
    public void OnNothingSent(List<Culprit> culprits) => MoveOn(_trial.Members.IsEmpty, culprits);

    /// <summary>Forgets contents that are not wanted any more: others came in their place.</summary>
    public void Revise(Func<XdsResource, bool> isWanted, List<Culprit> culprits)
    {
        var groups = _waiting.Reverse().ToArray();
        _waiting.Clear();
        foreach (var group in groups)
        {
            var rest = group.Revised(isWanted);
            if (!rest.Members.IsEmpty)
                _waiting.Push(rest);
        }
        var trial = _trial.Revised(isWanted);
        if (trial.Members.Length == _trial.Members.Length)
            return;
        if (_waiting.TryPeek(out var beside))
            beside.IsBadIfTrialPasses = false;
        _trial = trial;
        if (trial.Members.IsEmpty)
            MoveOn(trialPassed: false, culprits);
    }

    private void MoveOn(bool trialPassed, List<Culprit> culprits)
    {
        _trial = Group.Nothing;
        while (_waiting.TryPop(out var next))
        {
            if (!trialPassed || !next.IsBadIfTrialPasses)
            {
                // Nothing is known of what is left: all of it is tried at once.
                var rest = _waiting.SelectMany(group => group.Members).Concat(next.Members)
                    .OrderBy(resource => resource.Name, StringComparer.Ordinal);
                _trial = new Group([.. rest], next.Message);
                _waiting.Clear();
                return;
            }
            if (next.Members.Length > 1)
            {
                TryHalf(next.Members, next.Message);
                return;
            }
            culprits.Add(new Culprit(next.Members[0], next.Message, Pushes));
            trialPassed = false;
        }
    }

    private void TryHalf(ImmutableArray<XdsResource> suspects, string message)
    {
        var half = (suspects.Length + 1) / 2;
        Try(suspects[..half], suspects[half..], message);
    }

    private void Try(ImmutableArray<XdsResource> trial, ImmutableArray<XdsResource> beside, string message)
    {
        _trial = new Group(trial, message);
        _waiting.Push(new Group(beside, message) { IsBadIfTrialPasses = true });
    }

    private sealed class Group(ImmutableArray<XdsResource> members, string message)
    {
        public static Group Nothing => new([], string.Empty);

        public ImmutableArray<XdsResource> Members { get; } = members;

        public string Message { get; } = message;

        public bool IsBadIfTrialPasses { get; set; }

        public Group Revised(Func<XdsResource, bool> isWanted)
        {
            var rest = Members.RemoveAll(member => !isWanted(member));
            return rest.Length == Members.Length ? this : new Group(rest, Message);
        }
    }
}
