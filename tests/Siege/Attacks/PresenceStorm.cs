using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using ClusterChat.Siege.Net;

namespace ClusterChat.Siege.Attacks;

/// <summary>One connection that joins and leaves all the time, in a room with as many members as are told by name.</summary>
internal sealed class PresenceStorm : Attack
{
    private const int Members = 190, PerSecond = 90;

    /// <summary>What a member may hear a second of somebody who comes and goes.</summary>
    private const double MostFrames = 20;

    private const string Join = """{"id":2,"t":"join","room":"stairs","limit":0}""", Leave = """{"id":3,"t":"leave","room":"stairs"}""";
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(5);

    private readonly List<Intruder> _members = [];
    private readonly List<Task> _listening = [];
    private long _frames;

    public override string Name => "presence-storm";

    public override string Title => "one connection that joins and leaves 45 times a second, in a room of 190";

    public override async Task PrepareAsync(AttackField field, CancellationToken stop)
    {
        for (var i = 0; i < field.Of(Members); i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"member-{i}");
            var member = await Intruder.EnterAsync(field, Addresses.OfCrowd(i), name, stop, (type, _) => Interlocked.Add(ref _frames, type == "presence" ? 1 : 0))
                ?? throw new InvalidOperationException($"The room cannot be filled: {field.Heard}");
            await member.Wire.SendAsync(Bytes.Text(Join), stop);
            _members.Add(member);
            _listening.Add(member.ListenAsync(stop));
        }
    }

    public override async Task RunAsync(AttackField field, CancellationToken stop)
    {
        var (begin, before) = (Stopwatch.GetTimestamp(), Interlocked.Read(ref _frames));
        try
        {
            using var eve = await Intruder.EnterAsync(field, Addresses.Attacker, "eve", stop);
            if (eve is not null)
                await Task.WhenAll(eve.ListenAsync(stop), RunAsync(eve, stop));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }

        var each = (Interlocked.Read(ref _frames) - before) / Stopwatch.GetElapsedTime(begin).TotalSeconds / _members.Count;
        field.Note($"{each:F1} frames of presence a second to each of {_members.Count} members");
        if (each > MostFrames)
            field.Broken.Add("members were told of each coming and going");
        await Task.WhenAll(_listening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _members.ForEach(m => m.Dispose());
    }

    private static async Task RunAsync(Intruder eve, CancellationToken stop)
    {
        var (join, leave) = (Bytes.Text(Join), Bytes.Text(Leave));
        var (begin, asked) = (Stopwatch.GetTimestamp(), 0);
        using var timer = new PeriodicTimer(Tick, TimeProvider.System);
        while (await timer.WaitForNextTickAsync(stop))
        {
            for (; asked < Stopwatch.GetElapsedTime(begin).TotalSeconds * PerSecond; asked++)
            {
                try
                {
                    await eve.Wire.SendAsync(asked % 2 == 0 ? join : leave, stop);
                }
                catch (SocketException)
                {
                    // She was thrown out, and has heard why.
                    return;
                }
            }
        }
    }
}
