using System.Globalization;

namespace ClusterChat.Siege.Honest;

/// <summary>How long answers took, in milliseconds.</summary>
/// <param name="Count">How many there are.</param>
/// <param name="Half">Half of them took no longer.</param>
/// <param name="Most">99 of 100 took no longer.</param>
/// <param name="Worst">None took longer.</param>
internal sealed record Delays(int Count, double Half, double Most, double Worst)
{
    /// <summary>Of all times.</summary>
    public static Delays Of(double[] times)
    {
        if (times.Length == 0)
            return new Delays(0, double.NaN, double.NaN, double.NaN);
        Array.Sort(times);
        return new Delays(times.Length, At(0.5), At(0.99), times[^1]);

        double At(double part) => times[Math.Max(0, (int)Math.Ceiling(times.Length * part) - 1)];
    }

    /// <inheritdoc/>
    public override string ToString() => Count == 0 ? "-" : string.Create(CultureInfo.InvariantCulture, $"{Half:N0} / {Most:N0} / {Worst:N0}");
}
