using System.CommandLine;

namespace ClusterChat.Bench.Commands;

/// <summary>The options that say what is put on the servers.</summary>
internal sealed class LoadOptions
{
    private readonly Option<int> _rooms;
    private readonly Option<int> _members;
    private readonly Option<int> _window = New("--window", "Closed loop: unacked messages of each room's publisher.", 32);
    private readonly Option<int> _rate = New("--rate", "Open loop: messages a second over all rooms; 0 for the closed loop.", 0);
    private readonly Option<int> _seconds = New("--seconds", "How long to measure.", 10);
    private readonly Option<int> _warmUp = New("--warm-up", "Seconds of the same load before.", 10);
    private readonly Option<int> _size = New("--size", "Bytes of text in a message.", 60);
    private readonly Option<bool> _memory = new("--memory") { Description = "Rooms without a journal." };

    private LoadOptions(int rooms, int members)
    {
        _rooms = New("--rooms", "How many rooms.", rooms);
        _members = New("--members", "Members of each room.", members);
    }

    public static LoadOptions AddTo(Command command, int rooms, int members)
    {
        var options = new LoadOptions(rooms, members);
        Option[] all = [options._rooms, options._members, options._window, options._rate, options._seconds, options._warmUp, options._size, options._memory];
        Array.ForEach(all, command.Options.Add);
        return options;
    }

    public Load Read(ParseResult parsed) => new(
        parsed.GetValue(_rooms),
        parsed.GetValue(_members),
        parsed.GetValue(_window),
        parsed.GetValue(_rate),
        TimeSpan.FromSeconds(parsed.GetValue(_seconds)),
        TimeSpan.FromSeconds(parsed.GetValue(_warmUp)),
        parsed.GetValue(_size),
        parsed.GetValue(_memory));

    private static Option<int> New(string name, string description, int value) => new(name) { Description = description, DefaultValueFactory = _ => value };
}
