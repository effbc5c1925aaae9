namespace SelfHeal.Core.Detection;

/// <summary>
/// The moments of kc: how far a member strays from its siblings beyond what chance explains. In each window the pooled
/// ratio p holds whatever both share; of (e1 - n1 e2/n2)^2 chance explains n1 p (1 + n1/n2), and n1^2 p^2 is
/// n1^2 (pooled^2 - pooled/(n1 + n2)) without the pooled ratio's own chance.
/// </summary>
internal struct ContrastSums
{
    private double _excess;
    private double _meanSquares;

    /// <summary>Events seen, of the member and its siblings.</summary>
    public double Events { get; private set; }

    /// <summary>Adds a window in which both had trials.</summary>
    public void Add(double events, double total, double siblingEvents, double siblingTotal)
    {
        if (total <= 0 || siblingTotal <= 0)
            return;
        Events += events + siblingEvents;
        var all = total + siblingTotal;
        var pooled = (events + siblingEvents) / all;
        var residual = events - (total * siblingEvents / siblingTotal);
        _excess += (residual * residual) - (total * pooled * (1 + (total / siblingTotal)));
        _meanSquares += total * total * ((pooled * pooled) - (pooled / all));
    }

    /// <summary>kc; positive infinity where nothing strays further than chance, 0 where there was nothing to see.
    /// </summary>
    public readonly double Estimate() =>
        Events <= 0 ? 0
        : _excess <= 0 ? double.PositiveInfinity
        : _meanSquares <= 0 ? ShapeHistory.Least
        : _meanSquares / _excess;
}
