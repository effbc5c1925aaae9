using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using SelfHeal.Sidecar.Config;
using SelfHeal.Xds.Accepted;
using SelfHeal.Xds.Delegation;
using SelfHeal.Xds.Resources;

namespace SelfHeal.Sidecar.Accepted;

/// <summary>
/// The files of what was accepted, of last-known-goods, and of the quarantine. A file is written under another name,
/// flushed, and only then takes its place, beside those before it; one that is not whole is never read for another.
/// Used by one thread at a time.
/// </summary>
internal sealed partial class AcceptedStore
{
    /// <summary>How many files of each kind and group are kept: the newest and three before it.</summary>
    public const int GenerationsKept = 4;

    private const string Folder = "accepted";
    private const string QuarantineStem = "all";

    private readonly Dictionary<(string Stem, StateKind Kind), List<ulong>> _generations = [];
    private readonly IStateFiles _files;
    private readonly string _directory;
    private readonly ILogger<AcceptedStore> _logger;
    private readonly Counter<long> _written;
    private readonly Counter<long> _failed;
    private readonly Counter<long> _damaged;

    public AcceptedStore(
        StateOptions options, IStateFiles files, IMeterFactory meters, ILogger<AcceptedStore> logger)
    {
        _directory = Path.Combine(options.Directory, Folder);
        _files = files;
        _logger = logger;
        var meter = meters.Create("SelfHeal.Xds");
        _written = meter.CreateCounter<long>(
            "selfheal.accepted.writes", description: "Files of accepted configuration written");
        _failed = meter.CreateCounter<long>(
            "selfheal.accepted.write_failures",
            description: "Files of accepted configuration that could not be written");
        _damaged = meter.CreateCounter<long>(
            "selfheal.accepted.damaged_files", description: "Files of accepted configuration that could not be read");
    }

    /// <summary>Why the last file could not be written; empty if it could.</summary>
    public string Problem { get; private set; } = "";

    /// <summary>How many files of a group's accepted configuration there are.</summary>
    /// <param name="group">The group.</param>
    public int GenerationsOf(string group)
    {
        lock (_generations)
        {
            return _generations.GetValueOrDefault((StateFileName.StemOf(group), StateKind.Accepted))?.Count ?? 0;
        }
    }

    /// <summary>Reads everything: of each kind and group the newest file that is whole.</summary>
    public KeptState Load()
    {
        List<StateFileName> names;
        try
        {
            names = [.. _files.List(_directory).Select(StateFileName.Parse).OfType<StateFileName>()];
            CleanUp();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            LogUnreadable(_logger, _directory, error.Message);
            return KeptState.Empty;
        }

        var accepted = new SortedDictionary<string, KeptGroup>(StringComparer.Ordinal);
        var verified = new SortedDictionary<string, KeptGroup>(StringComparer.Ordinal);
        var quarantine = Quarantine.Empty;
        foreach (var files in names.GroupBy(static name => (name.Stem, name.Kind)))
        {
            var newestFirst = files.OrderByDescending(static name => name.Generation).ToList();
            lock (_generations)
                _generations[files.Key] = [.. newestFirst.Select(static name => name.Generation).Reverse()];
            if (files.Key.Kind == StateKind.Upstream)
                continue; // Of every node that ever was: each is read when its node comes and no upstream is there.
            if (files.Key.Kind == StateKind.Quarantine)
            {
                var entries = FirstWhole(newestFirst, static (_, bytes) => QuarantineCodec.Read(bytes));
                quarantine = entries?.Value ?? quarantine;
                continue;
            }

            if (FirstWhole(newestFirst, static (kind, bytes) => AcceptedCodec.Read(kind, bytes)) is not { } read)
                continue;
            var kept = files.Key.Kind == StateKind.Accepted ? accepted : verified;
            kept[read.Value.Group] = new KeptGroup(read.Generation, read.Value);
            LogLoaded(_logger, read.Value.Group, files.Key.Kind, read.Generation, read.Value.Count, read.Value.At);
            TellWithheld(read.Value);
        }

        return new KeptState(
            accepted.ToImmutableSortedDictionary(StringComparer.Ordinal),
            verified.ToImmutableSortedDictionary(StringComparer.Ordinal),
            quarantine);
    }

    /// <summary>Keeps what a group accepted, or its last-known-good.</summary>
    /// <param name="kind">Which of both.</param>
    /// <param name="state">What.</param>
    /// <returns>The number of the file; null if it could not be written, and then the files before are as they were.
    /// </returns>
    public ulong? TrySave(StateKind kind, AcceptedState state) => TrySave(
        StateFileName.StemOf(state.Group), kind, generation => AcceptedCodec.Write(kind, generation, state));

    /// <summary>Keeps the quarantine.</summary>
    /// <param name="quarantine">What.</param>
    /// <returns>The number of the file; null if it could not be written.</returns>
    public ulong? TrySave(Quarantine quarantine) => TrySave(
        QuarantineStem, StateKind.Quarantine, generation => QuarantineCodec.Write(generation, quarantine));

    /// <summary>Keeps what an upstream gave a node.</summary>
    /// <param name="node">The node.</param>
    /// <param name="at">The time.</param>
    /// <param name="contents">What; without secrets.</param>
    /// <returns>The number of the file; null if it could not be written.</returns>
    public ulong? TrySave(string node, DateTimeOffset at, UpstreamContents contents) => TrySave(
        StateFileName.StemOf(node),
        StateKind.Upstream,
        generation => UpstreamCodec.Write(generation, node, at, contents));

    /// <summary>Reads what an upstream gave a node: the newest file that is whole.</summary>
    /// <param name="node">The node.</param>
    /// <returns>Null if there is none.</returns>
    public UpstreamContents? ReadUpstream(string node)
    {
        var stem = StateFileName.StemOf(node);
        lock (_generations)
        {
            if (!_generations.TryGetValue((stem, StateKind.Upstream), out var generations))
                return null;
            var newestFirst = generations.AsEnumerable().Reverse()
                .Select(generation => new StateFileName(stem, generation, StateKind.Upstream)).ToList();
            return FirstWhole(newestFirst, (_, bytes) => UpstreamCodec.Read(bytes, node))?.Value;
        }
    }

    /// <summary>Takes away what is kept of a node: it is not what an upstream gave it last.</summary>
    /// <param name="node">The node.</param>
    public void ForgetUpstream(string node)
    {
        var stem = StateFileName.StemOf(node);
        lock (_generations)
        {
            if (!_generations.Remove((stem, StateKind.Upstream), out var generations))
                return;
            foreach (var generation in generations)
                TryDelete(Path.Combine(_directory, new StateFileName(stem, generation, StateKind.Upstream).ToString()));
        }
    }

    /// <summary>How many nodes there are files of, as an upstream served them.</summary>
    public int UpstreamNodes
    {
        get
        {
            lock (_generations)
                return _generations.Count(static each => each.Key.Kind == StateKind.Upstream && each.Value.Count > 0);
        }
    }

    private ulong? TrySave(string stem, StateKind kind, Func<ulong, byte[]> write)
    {
        List<ulong> generations;
        lock (_generations)
        {
            if (!_generations.TryGetValue((stem, kind), out generations!)) // Set by the next line.
                _generations.Add((stem, kind), generations = []);
        }

        var generation = generations.Count == 0 ? 1 : generations[^1] + 1;
        try
        {
            Replace(new StateFileName(stem, generation, kind), write(generation));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _failed.Add(1);
            if (Problem != error.Message)
                LogFailed(_logger, _directory, error.Message); // Once, not at every attempt while the disk is full.
            Problem = error.Message;
            return null;
        }

        _written.Add(1);
        if (Problem.Length > 0)
            LogRecovered(_logger, _directory);
        Problem = "";
        lock (_generations)
            generations.Add(generation);
        DeleteOldest(stem, kind, generations);
        return generation;
    }

    private void Replace(StateFileName name, byte[] content)
    {
        _files.CreateDirectory(_directory);
        var path = Path.Combine(_directory, name.ToString());
        var unfinished = path + StateFileName.Unfinished;
        try
        {
            _files.Write(unfinished, content);
            _files.Flush(unfinished);
            _files.Rename(unfinished, path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            TryDelete(unfinished);
            throw;
        }

        _files.FlushDirectory(_directory);
    }

    private void DeleteOldest(string stem, StateKind kind, List<ulong> generations)
    {
        while (generations.Count > GenerationsKept)
        {
            TryDelete(Path.Combine(_directory, new StateFileName(stem, generations[0], kind).ToString()));
            lock (_generations)
                generations.RemoveAt(0);
        }
    }

    private void CleanUp()
    {
        foreach (var name in _files.List(_directory))
        {
            if (name.EndsWith(StateFileName.Unfinished, StringComparison.Ordinal))
                TryDelete(Path.Combine(_directory, name));
        }
    }

    /// <summary>
    /// A file that cannot be deleted costs room and nothing else; it is tried again at the next start.
    /// </summary>
    private void TryDelete(string path)
    {
        try
        {
            _files.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            LogNotDeleted(_logger, path, error.Message);
        }
    }

    private StateReading<T>.Read? FirstWhole<T>(
        List<StateFileName> newestFirst, Func<StateKind, ReadOnlyMemory<byte>, StateReading<T>> read)
    {
        foreach (var name in newestFirst)
        {
            var path = Path.Combine(_directory, name.ToString());
            var reading = TryRead(path, name.Kind, read);
            if (reading is StateReading<T>.Read whole)
                return whole;
            _damaged.Add(1);
            LogDamaged(_logger, path, ((StateReading<T>.Broken)reading).Problem);
        }

        return null;
    }

    private StateReading<T> TryRead<T>(
        string path, StateKind kind, Func<StateKind, ReadOnlyMemory<byte>, StateReading<T>> read)
    {
        try
        {
            return read(kind, _files.Read(path));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new StateReading<T>.Broken(error.Message);
        }
    }

    private void TellWithheld(AcceptedState state)
    {
        var withheld = state.Types.SelectMany(static type => type.Value.Where(static r => r.IsWithheld)
            .Select(r => $"{TypeUrl.FullName(type.Key)} '{r.Name}' ({r.ContentHash})")).ToList();
        if (withheld.Count > 0)
            LogWithheld(_logger, state.Group, withheld.Count, string.Join(", ", withheld.Take(10)));
    }
}
