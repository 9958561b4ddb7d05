using System.Globalization;
using ClusterChat.RoomActors.Rooms;
using FsCheck;
using FsCheck.Xunit;

namespace ClusterChat.RoomActors.Tests.Core;

public sealed class RoomSubscribersTests
{
    /// <summary>
    /// A gateway and a room over a lossy, ordered way. Each byte is what happens next; in the end all is sent
    /// again, without losses.
    /// </summary>
    [Property(MaxTest = 500, EndSize = 150)]
    public void Whatever_is_lost_repeated_or_given_back_no_write_is_overtaken(byte[] happenings)
    {
        var pair = new GatewayAndRoom();
        foreach (var happening in happenings)
            pair.Step(happening % 10);

        pair.Log.Zip(pair.Log.Skip(1)).ShouldAllBe(two => two.First < two.Second);
        for (var i = 0; i <= pair.Log.Count + happenings.Length && pair.Unanswered.Count > 0; i++)
            pair.Settle();
        pair.Unanswered.ShouldBeEmpty();
        pair.Log.ShouldBe(Enumerable.Range(1, pair.Written).Select(n => (long)n));
    }

    [Fact]
    public void A_newer_stream_takes_the_place_of_an_older_one_and_never_the_other_way_round()
    {
        var subscribers = new RoomSubscribers();
        subscribers.Open("gw", 2).ShouldNotBeNull();
        subscribers.Open("gw", 2).ShouldBeNull();
        subscribers.Open("gw", 1).ShouldBeNull();
        subscribers.TryFind(Make.Write("ann", "m", stream: 2), out _).ShouldBeTrue();
        subscribers.Open("gw", 3).ShouldNotBeNull();
        subscribers.TryFind(Make.Write("ann", "m", stream: 2), out _).ShouldBeFalse();
        subscribers.Count.ShouldBe(1);
    }

    [Fact]
    public void An_end_of_an_older_stream_does_not_end_the_newer_one()
    {
        var subscribers = new RoomSubscribers();
        subscribers.Open("gw", 5);
        subscribers.Close("gw", 4).ShouldBeFalse();
        subscribers.Close("other", 9).ShouldBeFalse();
        subscribers.Count.ShouldBe(1);
        subscribers.Close("gw", 5).ShouldBeTrue();
        subscribers.Count.ShouldBe(0);
    }

    private sealed class GatewayAndRoom
    {
        private readonly RoomSubscriber _subscriber = new("gw", 1);
        private readonly Queue<(long Number, long Previous)> _way = [];
        private readonly List<long> _waiting = [];
        private readonly Queue<long> _answers = [];

        public int Written { get; private set; }

        public SortedSet<long> Unanswered { get; } = [];

        public List<long> Log { get; } = [];

        public void Step(int kind)
        {
            switch (kind)
            {
                case 0 or 1:
                    Unanswered.Add(++Written);
                    Send(Written);
                    break;
                case 2:
                    SendAll();
                    break;
                case 3 or 4 when _way.Count > 0:
                    Arrive();
                    break;
                case 5 when _way.Count > 0:
                    _way.Dequeue();
                    break;
                case 6 or 7 when _waiting.Count > 0:
                    Commit();
                    break;
                case 8 when _answers.Count > 0:
                    // Answers get lost too: every other one.
                    var number = _answers.Dequeue();
                    if (number % 2 == 0)
                        Unanswered.Remove(number);
                    break;
                case 9:
                    _waiting.Clear();
                    _subscriber.GiveBack();
                    break;
            }
        }

        public void Settle()
        {
            SendAll();
            while (_way.Count > 0)
                Arrive();
            while (_waiting.Count > 0)
                Commit();
            while (_answers.TryDequeue(out var number))
                Unanswered.Remove(number);
        }

        private void Send(long number) => _way.Enqueue((number, Unanswered.GetViewBetween(0, number - 1).Max));

        private void SendAll()
        {
            foreach (var number in Unanswered)
                Send(number);
        }

        private void Arrive()
        {
            var (number, previous) = _way.Dequeue();
            if (!_subscriber.TryTake(Make.Write("ann", number.ToString(CultureInfo.InvariantCulture), number: number, previous: previous)))
                return;
            if (_waiting.Count >= 5)
                _subscriber.GiveBack();
            else
                _waiting.Add(number);
        }

        private void Commit()
        {
            // The room knows repeats by their ids.
            if (!Log.Contains(_waiting[0]))
                Log.Add(_waiting[0]);
            _answers.Enqueue(_waiting[0]);
            _waiting.RemoveAt(0);
        }
    }
}
