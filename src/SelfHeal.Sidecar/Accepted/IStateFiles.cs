namespace SelfHeal.Sidecar.Accepted;

/// <summary>
/// The few things that are done to files that must survive a crash, one by one, so that a test can end the process
/// between any two of them. Every member throws <see cref="IOException"/> or
/// <see cref="UnauthorizedAccessException"/> where the disk does not do it.
/// </summary>
internal interface IStateFiles
{
    /// <summary>Makes a directory that only its owner may enter; one that is there is left as it is.</summary>
    void CreateDirectory(string path);

    /// <summary>The names of the files in a directory; none if it is not there.</summary>
    IReadOnlyList<string> List(string directory);

    /// <summary>All bytes of a file.</summary>
    byte[] Read(string path);

    /// <summary>Writes a file that only its owner may read, in place of one of that name.</summary>
    void Write(string path, ReadOnlySpan<byte> content);

    /// <summary>Waits until the disk has a file's content.</summary>
    void Flush(string path);

    /// <summary>Gives a file another name, in place of one of that name.</summary>
    void Rename(string from, string to);

    /// <summary>Waits until the disk has a directory's names.</summary>
    void FlushDirectory(string path);

    /// <summary>Takes a file away; one that is not there is no error.</summary>
    void Delete(string path);
}
