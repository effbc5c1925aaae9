using SelfHeal.Core.Series;

namespace SelfHeal.Core.Recording;

/// <summary>Series of one stream that a chunk of steps refers to and that are not in the file yet.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Catalog">Its series; those below <paramref name="To"/> may be read on any thread.</param>
/// <param name="From">The first new one.</param>
/// <param name="To">Behind the last.</param>
public readonly record struct CatalogGrowth(long Stream, SeriesCatalog Catalog, int From, int To);
