using System.Globalization;
using System.Net;
using ClusterChat.Siege.Attacks;
using ClusterChat.Siege.Net;

namespace ClusterChat.Siege.Processes;

/// <summary>What the attacker's process does: prepares, waits for the word, attacks, and says what came of it. Its end is that of its standard input.</summary>
internal static class AttackProgram
{
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(Attack attack, IPEndPoint node, double scale)
    {
        var field = new AttackField(node, scale, attack.Secret is { } secret ? new Tokens(secret) : null);
        using var stop = new CancellationTokenSource();
        try
        {
            await attack.PrepareAsync(field, stop.Token);
        }
        catch (InvalidOperationException error)
        {
            Say(error.Message);
            return 1;
        }

        Say(AttackProcess.Prepared);
        if (await Console.In.ReadLineAsync(CancellationToken.None) != AttackProcess.Go)
            return 1;
        var attacking = attack.RunAsync(field, stop.Token);
        var word = await Console.In.ReadLineAsync(CancellationToken.None);
        await stop.CancelAsync();
        if (word != AttackProcess.Stop)
            return 1;
        await attacking;
        foreach (var (what, count) in field.Heard.All)
            Say(string.Create(CultureInfo.InvariantCulture, $"{AttackProcess.Heard}\t{count}\t{OneLine(what)}"));
        foreach (var note in field.Notes)
            Say(AttackProcess.Note + "\t" + OneLine(note));
        foreach (var broken in field.Broken)
            Say(AttackProcess.Broken + "\t" + OneLine(broken));
        return 0;
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").Replace('\t', ' ');

    private static void Say(string line) => Console.Out.WriteLine(line);
}
