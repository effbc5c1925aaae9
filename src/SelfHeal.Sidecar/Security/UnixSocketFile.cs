using System.Globalization;
using System.Runtime.InteropServices;

namespace SelfHeal.Sidecar.Security;

/// <summary>Whom the file of a Unix socket lets in: its mode and its group.</summary>
internal static class UnixSocketFile
{
    private const string GroupFile = "/etc/group";

    /// <summary>Reads a mode as <c>chmod</c> takes it.</summary>
    /// <param name="text">Four octal digits, the first of them zero: a socket has no use for more.</param>
    /// <param name="mode">The mode.</param>
    public static bool TryParseMode(string text, out UnixFileMode mode)
    {
        ArgumentNullException.ThrowIfNull(text);
        mode = UnixFileMode.None;
        if (text.Length != 4 || text[0] != '0' || !text.All(static c => c is >= '0' and <= '7'))
            return false;
        foreach (var digit in text)
            mode = (UnixFileMode)(((int)mode << 3) | (digit - '0'));
        return true;
    }

    /// <summary>The number of a group.</summary>
    /// <param name="group">A name of /etc/group, or a number.</param>
    /// <returns>Null if there is no such group.</returns>
    public static uint? FindGroup(string group)
    {
        ArgumentNullException.ThrowIfNull(group);
        if (uint.TryParse(group, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return number;
        if (!File.Exists(GroupFile))
            return null;

        // group(5): name, password, number, members.
        foreach (var line in File.ReadLines(GroupFile))
        {
            if (line.Split(':') is [var name, _, var id, ..] && name == group
                && uint.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out number))
                return number;
        }

        return null;
    }

    /// <summary>Gives a file to a group.</summary>
    /// <param name="path">The file.</param>
    /// <param name="group">As <see cref="FindGroup"/> takes it.</param>
    /// <exception cref="IOException">There is no such group, or the process is not in it.</exception>
    public static void SetGroup(string path, string group)
    {
        var number = FindGroup(group) ?? throw new IOException($"there is no group '{group}'");
        if (ChangeOwner(path, uint.MaxValue, number) != 0)
            throw new IOException($"'{path}' cannot be given to group '{group}': is the process in it?");
    }

    // Owner -1 leaves the owner as it is (chown(2)).
    [DllImport("libc", EntryPoint = "chown", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int ChangeOwner([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint owner, uint group);
}
