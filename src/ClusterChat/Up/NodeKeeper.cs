using System.Globalization;
using System.Text.Json;

namespace ClusterChat.Host;

/// <summary>
/// Keeps one node of <c>up</c> running: starts it, starts it again when it has died, and knows how it is.
/// </summary>
/// <param name="name">The node's name.</param>
/// <param name="address">Where clients reach it.</param>
/// <param name="options">Where its data are.</param>
/// <param name="say">Takes what there is to say about it.</param>
/// <param name="clock">The clock.</param>
internal sealed class NodeKeeper(string name, string address, UpOptions options, Action<string> say, TimeProvider clock)
{
    /// <summary>What died once is back at once; what dies again and again costs a start every half a minute.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250), LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>Who lived so long has not died of what it died of before.</summary>
    private static readonly TimeSpan Steady = TimeSpan.FromMinutes(1);

    private readonly Uri _figures = new(address.Replace("localhost", "127.0.0.1", StringComparison.Ordinal) + "/cluster");
    private volatile bool _runs;
    private volatile bool _hasBeenUp;
    private (long Acked, long At) _last;

    /// <summary>Runs the node until all is to stop, or until it turns out that it cannot start.</summary>
    /// <returns>The exit code for all.</returns>
    public async Task<int> RunAsync(CancellationToken stopping, CancellationToken killing)
    {
        for (var pause = FirstPause; ; pause = Shorter(pause * 2, LongestPause))
        {
            var started = clock.GetTimestamp();
            int code;
            using (var child = ChildNode.Start(name, address, options, say))
            {
                _runs = true;
                code = await child.RunAsync(stopping, killing);
                _runs = false;
            }

            if (stopping.IsCancellationRequested)
            {
                say($"{name} has ended with {code}");
                return code == ExitCodes.Stopped ? ExitCodes.Stopped : ExitCodes.Failed;
            }

            if (!_hasBeenUp && code is ExitCodes.Failed or ExitCodes.WrongOptions)
            {
                say($"{name} cannot start; it has ended with {code}");
                return code;
            }

            if (clock.GetElapsedTime(started) > Steady)
            {
                pause = FirstPause;
            }

            say(string.Create(CultureInfo.InvariantCulture, $"{name} has ended with {code} and starts again in {pause.TotalSeconds} s"));
            try
            {
                await Task.Delay(pause, clock, stopping);
            }
            catch (OperationCanceledException)
            {
                return ExitCodes.Stopped;
            }
        }
    }

    /// <summary>Asks the node how it is.</summary>
    public async Task<NodeStatus> LookAsync(HttpClient http, CancellationToken cancellationToken)
    {
        if (!_runs)
        {
            return Status("ended");
        }

        try
        {
            await using var answer = await http.GetStreamAsync(_figures, cancellationToken);
            using var document = await JsonDocument.ParseAsync(answer, default, cancellationToken);
            return Read(document.RootElement);
        }
        catch (Exception error) when (error is HttpRequestException or IOException or JsonException or KeyNotFoundException
            || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return Status(_hasBeenUp ? "silent" : "starting");
        }
    }

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private NodeStatus Status(string state) => new(name, address, state);

    private NodeStatus Read(JsonElement view)
    {
        var self = view.GetProperty("nodes").EnumerateArray().FirstOrDefault(n => n.GetProperty("name").GetString() == name);
        if (self.ValueKind == JsonValueKind.Undefined)
        {
            return Status("joining");
        }

        var (acked, now) = (self.GetProperty("acked").GetInt64(), clock.GetTimestamp());
        var seconds = clock.GetElapsedTime(_last.At, now).TotalSeconds;

        // A node that was started again counts from 0.
        var rate = _hasBeenUp && acked >= _last.Acked && seconds > 0 ? (acked - _last.Acked) / seconds : 0;
        _last = (acked, now);
        _hasBeenUp = true;
        return Status(self.GetProperty("state").GetString()!) with
        {
            View = view.GetProperty("view").GetInt64(),
            Shards = self.GetProperty("shards").GetInt64(),
            Rooms = self.GetProperty("active").GetInt64(),
            Connections = self.GetProperty("connections").GetInt64(),
            Rate = rate,
        };
    }
}
