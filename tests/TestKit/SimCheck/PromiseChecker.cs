namespace ClusterChat.TestKit;

/// <summary>
/// Checks what the cluster promises over the complete history of a run and what the journal holds at its end.
/// It knows nothing of how the cluster works.
/// </summary>
public sealed class PromiseChecker
{
    /// <summary>What the promises are called in a <see cref="Violation"/>.</summary>
    public const string AckedIsDurable = "an ack means durable";

    /// <summary>One event a write.</summary>
    public const string ExactlyOnce = "one event a write";

    /// <summary>The numbers of a room.</summary>
    public const string Dense = "numbers without a hole";

    /// <summary>Bytes.</summary>
    public const string SameBytes = "the same bytes everywhere";

    /// <summary>What a client sees.</summary>
    public const string InOrder = "each event once, in order, without a hole";

    /// <summary>What one sender does.</summary>
    public const string SendersOrder = "a sender's writes in the order of sending";

    /// <summary>Logs of rooms.</summary>
    public const string LogStays = "a log stays while its history does";

    /// <summary>A join sees what was acked before.</summary>
    public const string Fresh = "who joins sees what was acked before";

    /// <summary>Who is there.</summary>
    public const string Presence = "presence converges";

    /// <summary>Who may append.</summary>
    public const string OneOwner = "one owner a room";

    /// <summary>Who is in the cluster.</summary>
    public const string Membership = "a node stays a member, and is none when it is out";

    /// <summary>Things that must not happen.</summary>
    public const string NothingBreaks = "nothing breaks";

    /// <summary>The end of waiting.</summary>
    public const string Liveness = "all is settled after the faults";

    private readonly List<Violation> _violations = [];
    private readonly IReadOnlyList<Fact> _facts;
    private readonly RoomHistories _rooms;
    private bool _refusalsMayBeLost;

    private PromiseChecker(IReadOnlyList<Fact> facts, IReadOnlyList<JournaledRoom> journal, Func<string, bool> isMemory)
    {
        _facts = facts;
        _rooms = new RoomHistories(facts, journal, isMemory, Report);
    }

    /// <summary>Checks everything.</summary>
    /// <param name="facts">The history.</param>
    /// <param name="journal">What the store holds at the end.</param>
    /// <param name="isMemory">Which rooms have no journal.</param>
    /// <param name="refusalsMayBeLost">
    /// Whether limits were in force that refuse a write and take the next one. A client that loses the refusal with
    /// its connection cannot know that its writes have changed places.
    /// </param>
    /// <returns>What was broken; empty if nothing.</returns>
    public static IReadOnlyList<Violation> Check(
        IReadOnlyList<Fact> facts, IReadOnlyList<JournaledRoom> journal, Func<string, bool> isMemory, bool refusalsMayBeLost)
    {
        var checker = new PromiseChecker(facts, journal, isMemory) { _refusalsMayBeLost = refusalsMayBeLost };
        checker.Run();
        return checker._violations;
    }

    private void Run()
    {
        foreach (var broken in _facts.OfType<Fact.Broken>())
        {
            Report(NothingBreaks, $"at {broken.At}: {broken.What}");
        }

        _rooms.CheckJournal();
        CheckAcks();
        new SenderOrderCheck(_facts, _rooms, _refusalsMayBeLost, Report).Run();
        foreach (var view in _facts.OfType<Fact.JoinAsked>().Select(j => (j.Client, j.Room)).Distinct())
        {
            new ViewCheck(view.Client, view.Room, _rooms, Report).Run(_facts);
        }

        new OwnershipCheck(_facts, Report).Run();
        new MembershipCheck(_facts, Report).Run();
        _rooms.CheckMemory();
        CheckRest();
    }

    private void CheckAcks()
    {
        foreach (var ack in _facts.OfType<Fact.AckWritten>())
        {
            if (!_rooms.IsMemory(ack.Room) && !ack.Durable)
            {
                Report(AckedIsDurable, $"at {ack.At} {ack.Client} was acked {ack.Mid} as {ack.Room}/{ack.Seq}, which the store did not hold then");
            }
        }

        var first = new Dictionary<(string, string, string), long>();
        foreach (var ack in _facts.OfType<Fact.Acked>())
        {
            if (_rooms.IsMemory(ack.Room))
            {
                continue;
            }

            var user = _rooms.UserOf(ack.Client);
            if (_rooms.Find(ack.Room, ack.Seq) is not { } held || held.Author != user || held.Mid != ack.Mid)
            {
                Report(AckedIsDurable, $"{ack.Client} was acked {ack.Mid} as {ack.Room}/{ack.Seq}, where the journal holds {_rooms.Find(ack.Room, ack.Seq)?.Mid ?? "nothing"}");
            }

            if (!first.TryAdd((ack.Room, user, ack.Mid), ack.Seq) && first[(ack.Room, user, ack.Mid)] != ack.Seq)
            {
                Report(ExactlyOnce, $"{ack.Client} was acked {ack.Mid} in {ack.Room} as {first[(ack.Room, user, ack.Mid)]} and as {ack.Seq}");
            }
        }
    }

    private void CheckRest()
    {
        foreach (var room in _facts.OfType<Fact.Rested>().GroupBy(r => r.Room, StringComparer.Ordinal))
        {
            var truth = room.Select(r => r.Name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
            var head = _rooms.IsMemory(room.Key) ? room.Max(r => r.Seq) : _rooms.Head(room.Key);
            foreach (var rest in room)
            {
                if (rest.Seq != head || rest.Log != room.First().Log)
                {
                    Report(Liveness, $"{rest.Client} rests in {room.Key} at {rest.Log}/{rest.Seq}, the head is {room.First().Log}/{head}");
                }

                if (!rest.Members.SequenceEqual(truth, StringComparer.Ordinal))
                {
                    Report(Presence, $"{rest.Client} hears that {room.Key} has [{string.Join(' ', rest.Members)}], in truth [{string.Join(' ', truth)}]");
                }

                if (!rest.ToldMembers.SequenceEqual(truth, StringComparer.Ordinal))
                {
                    Report(Presence, $"{rest.Client} was told step by step that {room.Key} has [{string.Join(' ', rest.ToldMembers)}], in truth [{string.Join(' ', truth)}]");
                }
            }
        }
    }

    private void Report(string promise, string story) => _violations.Add(new Violation(promise, story));
}
