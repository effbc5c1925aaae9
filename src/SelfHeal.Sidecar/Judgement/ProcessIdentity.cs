namespace SelfHeal.Sidecar.Judgement;

/// <summary>Names this process to proxies and in records.</summary>
/// <param name="Id">Host, process id, and start in milliseconds, so that no two processes share it.</param>
internal sealed record ProcessIdentity(string Id)
{
    /// <summary>The identity of a process that starts now.</summary>
    /// <param name="time">The process's clock.</param>
    public static ProcessIdentity Create(TimeProvider time) => new(
        $"selfheal@{Environment.MachineName}.{Environment.ProcessId}.{time.GetUtcNow().ToUnixTimeMilliseconds():x}");
}
