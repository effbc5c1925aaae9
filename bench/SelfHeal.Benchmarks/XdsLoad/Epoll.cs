using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace SelfHeal.Benchmarks.XdsLoad;

/// <summary>
/// Linux epoll, level-triggered: one thread waits for a thousand sockets without a task, a queue or a thread hop for
/// any of them, so that what is measured is the server.
/// </summary>
internal sealed class Epoll : IDisposable
{
    private const int EventsMax = 512;
    private const int AddOperation = 1;
    private const int ReadEvents = 0x1 | 0x2000; // EPOLLIN, EPOLLRDHUP
    private const int Interrupted = 4;

    // The kernel packs struct epoll_event on x86-64 only.
    private static readonly bool IsPacked = RuntimeInformation.ProcessArchitecture == Architecture.X64;
    private static readonly int Stride = IsPacked ? 12 : 16;
    private static readonly int DataOffset = IsPacked ? 4 : 8;

    private readonly byte[] _events = new byte[EventsMax * Stride];
    private readonly int _epoll = Checked(Create(0), "epoll_create1");

    /// <summary>Reports a socket from now on; closing it ends that.</summary>
    /// <param name="descriptor">The socket.</param>
    /// <param name="key">What <see cref="KeyOf"/> says of it.</param>
    public void Add(nint descriptor, int key)
    {
        var wanted = new byte[Stride];
        BinaryPrimitives.WriteInt32LittleEndian(wanted, ReadEvents);
        BinaryPrimitives.WriteInt32LittleEndian(wanted.AsSpan(DataOffset), key);
        Checked(Control(_epoll, AddOperation, (int)descriptor, wanted), "epoll_ctl");
    }

    /// <summary>Waits until some are readable.</summary>
    /// <param name="timeoutMillis">0 only looks.</param>
    /// <returns>How many.</returns>
    public int Wait(int timeoutMillis)
    {
        var count = WaitFor(_epoll, _events, EventsMax, timeoutMillis);
        if (count < 0 && Marshal.GetLastPInvokeError() == Interrupted)
            return 0;
        return Checked(count, "epoll_wait");
    }

    /// <summary>Which socket the n-th event of the last wait is of.</summary>
    public int KeyOf(int index) =>
        BinaryPrimitives.ReadInt32LittleEndian(_events.AsSpan((index * Stride) + DataOffset));

    public void Dispose() => _ = Close(_epoll);

    private static int Checked(int result, string what) => result >= 0
        ? result
        : throw new InvalidOperationException($"{what}: error {Marshal.GetLastPInvokeError()}");

    [DllImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Create(int flags);

    [DllImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Control(int epoll, int operation, int descriptor, byte[] wanted);

    [DllImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int WaitFor(int epoll, byte[] events, int max, int timeoutMillis);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int descriptor);
}
