namespace ClusterChat.Bench;

/// <summary>The highest rate that a server took.</summary>
/// <param name="Rate">Messages a second.</param>
/// <param name="At">What was measured at that rate; null where not even the lowest was taken.</param>
internal sealed record Peak(double Rate, Result? At)
{
    private const int Lowest = 100;
    private const int Highest = 1_000_000;

    /// <summary>After doubling; 3 leave a step of 9 %.</summary>
    private const int Bisections = 3;

    private static readonly TimeSpan Change = TimeSpan.FromSeconds(1);

    /// <summary>Looks for it: doubles the rate until it is not taken, and then halves the gap, on a scale of ratios.</summary>
    /// <param name="load">The rate to begin with, and how long to measure each.</param>
    /// <param name="limit">The p99 of the latency, in milliseconds, up to which a rate counts as taken.</param>
    /// <param name="start">Starts the servers: new ones after each rate that was too high, which leaves a backlog.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<Peak> FindAsync(Load load, double limit, Func<Task<ServerGroup>> start, CancellationToken cancellationToken)
    {
        await using var attempts = new Attempts(load, start, cancellationToken);
        var (best, tooHigh, bisections) = (new Peak(0, null), 0.0, 0);
        for (double rate = load.Rate; rate is >= Lowest and <= Highest && bisections <= Bisections;)
        {
            var result = await attempts.TryAsync((int)rate, best.At is null ? load.Rate / 2 : (int)best.Rate);
            if (IsTaken(result, (int)rate, load.Members, limit))
            {
                best = new Peak((int)rate, result);
            }
            else
            {
                tooHigh = rate;
                await attempts.GiveUpAsync();
            }

            rate = (best.At, tooHigh) switch
            {
                (null, _) => tooHigh / 2,
                (_, 0) => best.Rate * 2,
                _ => Math.Sqrt(best.Rate * tooHigh),
            };
            bisections += best.At is not null && tooHigh > 0 ? 1 : 0;
        }

        return best;
    }

    private static bool IsTaken(Result result, int rate, int members, double limit) =>
        result.P99 <= limit && result.Delivered >= 0.98 * rate * members && result is { Refused: 0, Lost: 0 };

    private sealed class Attempts(Load load, Func<Task<ServerGroup>> start, CancellationToken cancellationToken) : IAsyncDisposable
    {
        private ServerGroup? _servers;
        private Session? _session;

        /// <summary>Measures a rate, on servers that are warm.</summary>
        public async Task<Result> TryAsync(int rate, int warmUpRate)
        {
            if (_session is null)
            {
                _servers = await start();
                _session = await Session.ConnectAsync(load, _servers, cancellationToken);
                await _session.MeasureAsync(warmUpRate, load.WarmUp, TimeSpan.Zero, cancellationToken);
            }

            return await _session.MeasureAsync(rate, Change, load.Time, cancellationToken);
        }

        public async Task GiveUpAsync()
        {
            if (_session is not null)
            {
                await _session.DisposeAsync();
                _session = null;
            }

            if (_servers is not null)
            {
                await _servers.DisposeAsync();
                _servers = null;
            }
        }

        public async ValueTask DisposeAsync() => await GiveUpAsync();
    }
}
