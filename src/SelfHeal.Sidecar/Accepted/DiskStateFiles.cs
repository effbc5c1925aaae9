using System.Runtime.InteropServices;

namespace SelfHeal.Sidecar.Accepted;

/// <summary>The real disk.</summary>
internal sealed class DiskStateFiles : IStateFiles
{
    // A group of ten thousand clusters is about 30 MB; more than this is none of ours.
    private const long FileBytesMax = 512L * 1024 * 1024;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <inheritdoc/>
    public void CreateDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> List(string directory) => Directory.Exists(directory)
        ? [.. Directory.EnumerateFiles(directory).Select(static path => Path.GetFileName(path))]
        : [];

    /// <inheritdoc/>
    public byte[] Read(string path)
    {
        if (new FileInfo(path).Length is > FileBytesMax and var length)
            throw new IOException($"{path} has {length} bytes, expected at most {FileBytesMax}");
        return File.ReadAllBytes(path);
    }

    /// <inheritdoc/>
    public void Write(string path, ReadOnlySpan<byte> content)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        using var file = new FileStream(path, options);
        file.Write(content);
    }

    /// <inheritdoc/>
    public void Flush(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write);
        RandomAccess.FlushToDisk(file);
    }

    /// <inheritdoc/>
    public void Rename(string from, string to) => File.Move(from, to, overwrite: true);

    /// <inheritdoc/>
    public void FlushDirectory(string path)
    {
        // There is nothing of the kind on Windows, and .NET opens no directories.
        if (OperatingSystem.IsWindows())
            return;
        var handle = OpenDirectory(path, 0);
        if (handle < 0)
            throw new IOException($"{path} cannot be opened (errno {Marshal.GetLastPInvokeError()})");
        try
        {
            if (Synchronize(handle) != 0)
                throw new IOException($"{path} cannot be flushed (errno {Marshal.GetLastPInvokeError()})");
        }
        finally
        {
            _ = Close(handle);
        }
    }

    /// <inheritdoc/>
    public void Delete(string path) => File.Delete(path);

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int OpenDirectory([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Synchronize(int handle);

    [DllImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int handle);
}
