using SelfHeal.Sidecar.Accepted;

namespace SelfHeal.UnitTests.Sidecar.Accepted;

/// <summary>
/// A disk that does what it is told up to a step, and then nothing more: as a process that is killed there leaves it.
/// Or one that is full. A write that is cut off leaves half of its bytes.
/// </summary>
internal sealed class FaultyStateFiles : IStateFiles
{
    private readonly DiskStateFiles _disk = new();

    /// <summary>How many steps are still done; null: all.</summary>
    public int? StepsLeft { get; set; }

    /// <summary>What every write says; null: it writes.</summary>
    public IOException? Full { get; set; }

    public int Steps { get; private set; }

    public void CreateDirectory(string path) => Do(() => _disk.CreateDirectory(path));

    public IReadOnlyList<string> List(string directory) => _disk.List(directory);

    public byte[] Read(string path) => _disk.Read(path);

    public void Write(string path, ReadOnlySpan<byte> content)
    {
        if (Full is not null)
            throw Full;
        Steps++;
        if (StepsLeft == 0)
        {
            StepsLeft = -1;
            _disk.Write(path, content[..(content.Length / 2)]);
            throw new KilledException();
        }

        Count();
        _disk.Write(path, content);
    }

    public void Flush(string path) => Do(() => _disk.Flush(path));

    public void Rename(string from, string to) => Do(() => _disk.Rename(from, to));

    public void FlushDirectory(string path) => Do(() => _disk.FlushDirectory(path));

    public void Delete(string path) => Do(() => _disk.Delete(path));

    private void Do(Action step)
    {
        Steps++;
        Count();
        step();
    }

    private void Count()
    {
        if (StepsLeft is not { } left)
            return;
        if (left <= 0)
            throw new KilledException();
        StepsLeft = left - 1;
    }

    /// <summary>The process was killed; nobody catches it.</summary>
    internal sealed class KilledException : Exception;
}
