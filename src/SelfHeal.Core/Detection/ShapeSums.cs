namespace SelfHeal.Core.Detection;

/// <summary>
/// The moments from which a shape is estimated, over windows of one length that do not overlap. k = mean^2 / (var -
/// mean), where every window has its own mean n p: sum (n p)^2 / (sum (e - n p)^2 - sum n p), p = sum e / sum n.
/// </summary>
internal struct ShapeSums
{
    private double _events;
    private double _total;
    private double _eventSquares;
    private double _products;
    private double _totalSquares;

    /// <summary>Events seen.</summary>
    public readonly double Events => _events;

    /// <summary>Adds a window.</summary>
    public void Add(double events, double total)
    {
        _events += events;
        _total += total;
        _eventSquares += events * events;
        _products += events * total;
        _totalSquares += total * total;
    }

    /// <summary>k; positive infinity where nothing is burstier than chance, 0 where there was nothing to see.</summary>
    public readonly double Estimate()
    {
        if (_events <= 0)
            return 0;
        var ratio = _events / _total;
        var spread = _eventSquares - (2 * ratio * _products) + (ratio * ratio * _totalSquares);
        var excess = spread - _events;
        return excess <= 0 ? double.PositiveInfinity : ratio * ratio * _totalSquares / excess;
    }
}
