namespace SelfHeal.Lab.DataPlane;

/// <summary>One counter or gauge under its full name, as Envoy names it.</summary>
internal sealed class ModelStat(string name, bool isGauge)
{
    private long _value;

    public string Name => name;

    public bool IsGauge => isGauge;

    public long Value => Interlocked.Read(ref _value);

    public void Add(long amount) => Interlocked.Add(ref _value, amount);

    public void Set(long value) => Interlocked.Exchange(ref _value, value);
}
