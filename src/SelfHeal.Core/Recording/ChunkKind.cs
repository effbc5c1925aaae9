namespace SelfHeal.Core.Recording;

/// <summary>What a chunk of a recording holds. A closed set; a reader skips kinds that it does not know.</summary>
public enum ChunkKind : byte
{
    /// <summary>Not a chunk.</summary>
    None = 0,

    /// <summary>What the control loop was told once: the first chunk of every file.</summary>
    Start = 1,

    /// <summary>Names of series, by stream; cumulative over the file, and read without anything before it.</summary>
    Catalog = 2,

    /// <summary>Durable ledger entries; cumulative over the file, and read without anything before it.</summary>
    Ledger = 3,

    /// <summary>Steps of the control loop. One that is a key needs catalogs and ledger only; any other one needs the
    /// steps since the last key.</summary>
    Steps = 4,

    /// <summary>Where the other chunks are; the last chunk of a file that was ended in order.</summary>
    Index = 5,
}
