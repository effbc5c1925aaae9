using System.Diagnostics;

namespace SelfHeal.Benchmarks.Figures;

/// <summary>
/// Times several things in turns: each round runs all of them once, so that what disturbs the machine disturbs them
/// alike. The best round is what a thing that allocates nothing can do: whatever else runs can only make it longer. A
/// thing that allocates pays for it in some rounds only, so its median counts.
/// </summary>
internal sealed class Rounds
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(700);

    private readonly List<(string Name, Action Run)> _subjects = [];
    private readonly Dictionary<string, List<TimeSpan>> _times = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _allocated = new(StringComparer.Ordinal);

    public Rounds(int count) => Count = count;

    public int Count { get; }

    /// <summary>Adds a thing to time.</summary>
    /// <param name="name">Unique among them.</param>
    /// <param name="run">Once; a millisecond or more, or the clock's own time shows.</param>
    public void Add(string name, Action run) => _subjects.Add((name, run));

    /// <summary>The shortest round.</summary>
    public TimeSpan Best(string name) => _times[name].Min();

    /// <summary>The round in the middle.</summary>
    public TimeSpan Median(string name) => _times[name].Order().ElementAt(Count / 2);

    /// <summary>Bytes allocated in the round that allocated least: what a thing allocates it allocates in each.
    /// </summary>
    public long Allocated(string name) => _allocated[name];

    /// <summary>Warms all up, then runs the rounds, on one core.</summary>
    public void Run()
    {
        using var pinned = CoreAffinity.PinThread();
        foreach (var (name, run) in _subjects)
        {
            _times.Add(name, new List<TimeSpan>(Count));
            // The runtime compiles hot methods again in the background; until then they are slow.
            var start = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(start) < WarmUp)
                run();
        }

        for (var round = 0; round < Count; round++)
        {
            foreach (var (name, run) in _subjects)
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                var start = Stopwatch.GetTimestamp();
                run();
                var elapsed = Stopwatch.GetElapsedTime(start);
                var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                _times[name].Add(elapsed);
                _allocated[name] = round == 0 ? allocated : Math.Min(_allocated[name], allocated);
            }
        }
    }
}
