namespace SelfHeal.FunctionalTests.Conformance;

/// <summary>The ways to speak xDS; a behaviour is shown on each that it applies to.</summary>
[Flags]
internal enum Variant
{
    None = 0,

    /// <summary>State of the world on the aggregated service.</summary>
    SotwAds = 1,

    /// <summary>Incremental on the aggregated service.</summary>
    DeltaAds = 2,

    /// <summary>State of the world on services of one type.</summary>
    SotwPerType = 4,

    /// <summary>Incremental on services of one type.</summary>
    DeltaPerType = 8,

    /// <summary>One HTTP request per answer.</summary>
    Rest = 16,

    /// <summary>Load reports.</summary>
    Lrs = 32,

    Sotw = SotwAds | SotwPerType,

    Delta = DeltaAds | DeltaPerType,

    Ads = SotwAds | DeltaAds,

    PerType = SotwPerType | DeltaPerType,

    Streams = Sotw | Delta,
}
