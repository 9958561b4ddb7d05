using System.Diagnostics;
using System.Globalization;
using System.Net;
using ClusterChat.Siege.Attacks;
using ClusterChat.Siege.Net;

namespace ClusterChat.Siege.Processes;

/// <summary>The attacker, as a process of its own: this program once more. It ends with its standard input, so it cannot outlive this one.</summary>
internal sealed class AttackProcess : IAsyncDisposable
{
    /// <summary>What the attacker says and hears: words of their own lines.</summary>
    public const string Prepared = "prepared", Go = "go", Stop = "stop", Heard = "heard", Note = "note", Broken = "broken";

    /// <summary>What it may take to close its connections, and to ask what became of them.</summary>
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(40);

    private static readonly TimeSpan PrepareLimit = TimeSpan.FromMinutes(5);
    private const int LowPriority = 10;

    private readonly Process _process;

    private AttackProcess(Process process) => _process = process;

    /// <summary>Starts the attacker, and waits until all is there that it needs.</summary>
    /// <exception cref="InvalidOperationException">It could not.</exception>
    public static async Task<AttackProcess> StartAsync(Attack attack, IPEndPoint node, double scale)
    {
        string[] command =
        [
            .. attack.IsHonest ? (string[])[] : ["nice", "-n", string.Create(CultureInfo.InvariantCulture, $"{LowPriority}")],
            "dotnet", typeof(AttackProcess).Assembly.Location, "attack", attack.Name,
            "--at", node.ToString(), "--scale", scale.ToString(CultureInfo.InvariantCulture),
        ];
        var process = new Process
        {
            StartInfo = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false },
        };
        process.Start();
        var started = new AttackProcess(process);
        try
        {
            var line = await process.StandardOutput.ReadLineAsync().WaitAsync(PrepareLimit, TimeProvider.System);
            return line == Prepared ? started : throw new InvalidOperationException($"The attack {attack.Name} could not be prepared: {line}");
        }
        catch
        {
            await started.DisposeAsync();
            throw;
        }
    }

    /// <summary>The attack begins.</summary>
    public Task BeginAsync() => _process.StandardInput.WriteLineAsync(Go);

    /// <summary>It ends.</summary>
    /// <param name="heard">Takes what it has heard.</param>
    /// <returns>What it has to say besides, and what it found broken.</returns>
    public async Task<(IReadOnlyList<string> Notes, IReadOnlyList<string> Broken)> EndAsync(Tally heard)
    {
        var (notes, broken) = (new List<string>(), new List<string>());
        try
        {
            await _process.StandardInput.WriteLineAsync(Stop);
            await ReadAsync().WaitAsync(EndLimit, TimeProvider.System);
        }
        catch (Exception error) when (error is IOException or TimeoutException)
        {
            broken.Add("the attacker did not end: " + error.Message);
        }

        return (notes, broken);

        async Task ReadAsync()
        {
            while (await _process.StandardOutput.ReadLineAsync() is { } line)
            {
                var parts = line.Split('\t', 3);
                if (parts is [Heard, var count, var what])
                    heard.Add(what, long.Parse(count, CultureInfo.InvariantCulture));
                else if (parts is [Note, var note])
                    notes.Add(note);
                else if (parts is [Broken, var word])
                    broken.Add(word);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
