namespace ClusterChat.Bench;

internal static class Statistics
{
    public static double Median(this IEnumerable<double> figures)
    {
        var sorted = figures.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }

    public static double Median<T>(this IEnumerable<T> runs, Func<T, double> figure) => runs.Select(figure).Median();
}
