using ClusterChat.Actors;

namespace ClusterChat.Shared.Tests.Actors;

/// <summary>The ring that holds an actor's messages.</summary>
public sealed class MailboxRingTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 2)]
    [InlineData(7, 5)]
    [InlineData(100, 33)]
    [InlineData(1000, 1)]
    public void What_was_added_first_is_taken_first_however_far_the_ring_has_turned(int added, int taken)
    {
        var mailbox = new Mailbox();
        int next = 0, expected = 0;
        for (var round = 0; round < 20; round++)
        {
            for (var i = 0; i < added; i++)
                mailbox.Add(next++);
            for (var i = 0; i < taken; i++)
                Take(mailbox).ShouldBe(expected++);
        }

        while (expected < next)
            Take(mailbox).ShouldBe(expected++);
        mailbox.IsEmpty.ShouldBeTrue();
        mailbox.TryTake(out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Each_senders_messages_arrive_once_and_in_their_order()
    {
        const int senders = 4, each = 20_000;
        var mailbox = new Mailbox();
        var sending = Enumerable.Range(0, senders).Select(sender => Task.Run(() =>
        {
            for (var i = 0; i < each; i++)
                mailbox.Add((sender, i));
        })).ToArray();

        var next = new int[senders];
        while (next.Sum() < senders * each)
        {
            if (mailbox.TryTake(out var item))
            {
                var (sender, number) = ((int, int))item;
                number.ShouldBe(next[sender]++);
            }
        }

        await Task.WhenAll(sending);
        mailbox.IsEmpty.ShouldBeTrue();
    }

    private static int Take(Mailbox mailbox)
    {
        mailbox.TryTake(out var item).ShouldBeTrue();
        return (int)item!;
    }
}
