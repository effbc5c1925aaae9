using SelfHeal.Core.Time;

namespace SelfHeal.Xds.Sessions;

/// <summary>How long others have waited; measured from the first tick that saw it.</summary>
internal struct WaitClock
{
    private ControlTime? _since;

    /// <summary>Whether they have waited long enough.</summary>
    public bool IsOverdue { get; private set; }

    public void Reset() => this = default;

    /// <returns>True when the wait ends at this tick.</returns>
    public bool OnTick(ControlTime now, TimeSpan max)
    {
        _since ??= now;
        if (IsOverdue || now.Since(_since.Value) < max)
            return false;
        IsOverdue = true;
        return true;
    }
}
