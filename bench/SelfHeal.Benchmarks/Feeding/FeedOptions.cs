using System.Globalization;

namespace SelfHeal.Benchmarks.Feeding;

/// <summary>What the feeding process sends; it travels as arguments of <c>feed</c>.</summary>
internal sealed record FeedOptions
{
    /// <summary>Where the server listens on loopback.</summary>
    public required int Port { get; init; }

    /// <summary>Envoys: connections with one stream each.</summary>
    public required int Streams { get; init; }

    /// <summary>Clusters of each, and how many of them carry traffic.</summary>
    public required int Clusters { get; init; }

    /// <summary>Clusters that carry traffic.</summary>
    public required int Busy { get; init; }

    /// <summary>Between flushes of one stream; zero sends as fast as the server takes.</summary>
    public required TimeSpan Interval { get; init; }

    /// <summary>How long to send.</summary>
    public required TimeSpan Length { get; init; }

    /// <summary>Of it, what the result leaves out.</summary>
    public required TimeSpan WarmUp { get; init; }

    /// <summary>Where the result goes.</summary>
    public required string ResultFile { get; init; }

    public IEnumerable<string> ToArguments() =>
    [
        "feed", Text(Port), Text(Streams), Text(Clusters), Text(Busy), Text((int)Interval.TotalMilliseconds),
        Text((int)Length.TotalMilliseconds), Text((int)WarmUp.TotalMilliseconds), ResultFile,
    ];

    public static FeedOptions Parse(string[] arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        if (arguments.Length != 9)
            throw new InvalidOperationException($"feed takes 8 arguments, {arguments.Length - 1} are there");
        return new FeedOptions
        {
            Port = Number(arguments[1]),
            Streams = Number(arguments[2]),
            Clusters = Number(arguments[3]),
            Busy = Number(arguments[4]),
            Interval = TimeSpan.FromMilliseconds(Number(arguments[5])),
            Length = TimeSpan.FromMilliseconds(Number(arguments[6])),
            WarmUp = TimeSpan.FromMilliseconds(Number(arguments[7])),
            ResultFile = arguments[8],
        };
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static int Number(string text) => int.TryParse(text, CultureInfo.InvariantCulture, out var number)
        ? number
        : throw new InvalidOperationException($"feed: '{text}' is no number");
}
