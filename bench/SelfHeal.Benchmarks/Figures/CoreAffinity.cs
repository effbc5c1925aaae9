using System.Runtime.InteropServices;

namespace SelfHeal.Benchmarks.Figures;

/// <summary>Keeps the calling thread on the machine's last core, so that "one core" is one and its caches stay.
/// </summary>
internal static class CoreAffinity
{
    private const int MaskBytes = 128;

    /// <summary>Pins the calling thread until the result is disposed of on the same thread.</summary>
    public static IDisposable PinThread()
    {
        var before = new byte[MaskBytes];
        if (GetAffinity(0, MaskBytes, before) < 0)
            throw new InvalidOperationException($"sched_getaffinity: error {Marshal.GetLastPInvokeError()}");
        var last = Environment.ProcessorCount - 1;
        var mask = new byte[MaskBytes];
        mask[last / 8] = (byte)(1 << (last % 8));
        if (SetAffinity(0, MaskBytes, mask) < 0)
            throw new InvalidOperationException($"sched_setaffinity: error {Marshal.GetLastPInvokeError()}");
        return new Pin(before);
    }

    [DllImport("libc", EntryPoint = "sched_getaffinity", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetAffinity(int thread, nint length, byte[] mask);

    [DllImport("libc", EntryPoint = "sched_setaffinity", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetAffinity(int thread, nint length, byte[] mask);

    private sealed class Pin(byte[] before) : IDisposable
    {
        public void Dispose()
        {
            if (SetAffinity(0, MaskBytes, before) < 0)
                throw new InvalidOperationException($"sched_setaffinity: error {Marshal.GetLastPInvokeError()}");
        }
    }
}
