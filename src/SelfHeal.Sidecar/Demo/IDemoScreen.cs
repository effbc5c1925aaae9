namespace SelfHeal.Sidecar.Demo;

/// <summary>Where a run shows itself: a table that redraws on a terminal, lines in a log of CI.</summary>
internal interface IDemoScreen
{
    /// <summary>Runs <paramref name="play"/> with the screen up.</summary>
    Task<T> ShowAsync<T>(Func<Task<T>> play);

    /// <summary>Shows a moment.</summary>
    void Update(DemoFrame frame);
}
