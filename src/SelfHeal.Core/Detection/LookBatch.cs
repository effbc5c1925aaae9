using System.Runtime.Intrinsics;

namespace SelfHeal.Core.Detection;

/// <summary>
/// Looks that wait to be scored together, as struct of arrays: four at a time go through the same arithmetic as
/// <see cref="Likelihood"/>. What comes out is a bound on F that has F's sign and is F itself wherever F is near zero;
/// only the few looks whose bound reaches a bar are worth the exact statistic.
/// </summary>
internal sealed class LookBatch(double[] sizes, double[] logs)
{
    private const double Scale = FixedMath.NatScale;

    // ln 6 in micro-nats: a likelihood above it makes the mean of six exponentials exceed 1, whatever the others are.
    private const double CertainlyAbove = 1_791_760;
    private double[] _events = new double[256];
    private double[] _expected = new double[256];
    private double[] _shapes = new double[256];
    private double[] _bounds = new double[256];
    private int[] _tracks = new int[256];
    private byte[] _places = new byte[256];

    /// <summary>How many looks wait.</summary>
    public int Count { get; private set; }

    /// <summary>Forgets all of them.</summary>
    public void Clear() => Count = 0;

    /// <summary>Adds a look.</summary>
    /// <param name="track">Whose.</param>
    /// <param name="place">Which of its looks.</param>
    /// <param name="events">e.</param>
    /// <param name="expected">m, above zero.</param>
    /// <param name="shape">k, finite and above zero.</param>
    public void Add(int track, int place, double events, double expected, double shape)
    {
        // Hot path: allocation-free once the arrays have grown.
        if (Count == _tracks.Length)
            Grow();
        _tracks[Count] = track;
        _places[Count] = (byte)place;
        _events[Count] = events;
        _expected[Count] = expected;
        _shapes[Count] = shape;
        Count++;
    }

    public int TrackAt(int look) => _tracks[look];

    public int PlaceAt(int look) => _places[look];

    /// <summary>Micro-nats: has the sign of F and is at least F; see <see cref="Score"/>.</summary>
    public double BoundAt(int look) => _bounds[look];

    /// <summary>Scores all that wait.</summary>
    public void Score()
    {
        // Hot path: allocation-free. The arrays' lengths are multiples of the width: lanes beyond the count hold some
        // earlier look, and nobody reads what they give.
        Span<Vector256<double>> likelihoods = stackalloc Vector256<double>[Likelihood.SizeCount];
        for (var i = 0; i < Count; i += FixedVectors.Width)
        {
            var events = Vector256.Create(_events, i);
            var expected = Vector256.Create(_expected, i);
            var shape = Vector256.Create(_shapes, i);
            var inverse = shape + expected;
            var weight = events + shape;
            var largest = Vector256.Create(double.NegativeInfinity);
            for (var size = 0; size < Likelihood.SizeCount; size++)
            {
                var ratio = (shape + (expected * Vector256.Create(sizes[size]))) / inverse;
                var likelihood = (events * Vector256.Create(logs[size])) - (weight * FixedVectors.Ln(ratio));
                likelihoods[size] = FixedVectors.Scale(likelihood, Scale);
                largest = Vector256.Max(largest, likelihoods[size]);
            }

            var isOpen = Vector256.GreaterThan(largest, Vector256<double>.Zero)
                & Vector256.LessThan(largest, Vector256.Create(CertainlyAbove));
            if (isOpen != Vector256<double>.Zero)
                largest = Vector256.ConditionalSelect(isOpen, Mix(likelihoods, largest), largest);
            largest.CopyTo(_bounds, i);
        }
    }

    /// <summary>F itself, in the steps of <see cref="Likelihood.MixOf"/>.</summary>
    private static Vector256<double> Mix(ReadOnlySpan<Vector256<double>> likelihoods, Vector256<double> largest)
    {
        var total = Vector256<double>.Zero;
        foreach (var likelihood in likelihoods)
            total += FixedVectors.Exp((likelihood - largest) / Vector256.Create(Scale));
        var mean = FixedVectors.Ln(total) - Vector256.Create(Likelihood.LnSix);
        return largest + FixedVectors.Scale(mean, Scale);
    }

    private void Grow()
    {
        var length = _tracks.Length * 2;
        Array.Resize(ref _tracks, length);
        Array.Resize(ref _places, length);
        Array.Resize(ref _events, length);
        Array.Resize(ref _expected, length);
        Array.Resize(ref _shapes, length);
        Array.Resize(ref _bounds, length);
    }
}
