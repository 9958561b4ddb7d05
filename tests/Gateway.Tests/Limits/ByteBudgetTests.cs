using ClusterChat.Gateway.Limits;

namespace ClusterChat.Gateway.Tests.Limits;

public sealed class ByteBudgetTests
{
    [Fact]
    public void Within_the_budget_nobody_goes()
    {
        var budget = new ByteBudget(100);
        var holders = Hold(budget, 40, 60);

        holders.ShouldAllBe(h => !h.HasGone);
        budget.Held.ShouldBe(100);
        budget.GivenUp.ShouldBe(0);
    }

    [Fact]
    public void Over_the_budget_those_go_that_hold_most_until_a_quarter_is_free()
    {
        var budget = new ByteBudget(100);
        var holders = Hold(budget, 5, 30, 20, 40, 6);

        holders.Select(h => h.HasGone).ShouldBe([false, false, false, true, false]);
        budget.Held.ShouldBe(61);
        budget.GivenUp.ShouldBe(1);
    }

    [Fact]
    public void Where_all_hold_the_same_some_go()
    {
        var budget = new ByteBudget(1000);
        var holders = Hold(budget, [.. Enumerable.Repeat(10L, 101)]);

        holders.Count(h => h.HasGone).ShouldBe(26);
        budget.Held.ShouldBe(750);
    }

    [Fact]
    public void Who_was_told_to_go_and_is_still_there_counts_as_free_and_is_not_told_again()
    {
        var budget = new ByteBudget(100);
        var slow = new Holder(budget) { GoesAtOnce = false };
        slow.Grow(90);
        var small = Hold(budget, 8, 8, 8);

        slow.Told.ShouldBe(1);
        small.ShouldAllBe(h => !h.HasGone);
        slow.Shrink(90);
        budget.Held.ShouldBe(24);
    }

    [Fact]
    public void Who_holds_nothing_any_more_is_not_told_to_go()
    {
        var budget = new ByteBudget(100);
        var first = new Holder(budget);
        first.Grow(90);
        first.Shrink(90);
        var second = new Holder(budget);
        second.Grow(101);

        first.HasGone.ShouldBeFalse();
        second.HasGone.ShouldBeTrue();
        budget.Held.ShouldBe(0);
    }

    [Fact]
    public void What_is_added_while_others_go_is_seen_though_nothing_comes_behind_it()
    {
        var budget = new ByteBudget(100);
        var late = new Holder(budget);
        var first = new Holder(budget);
        first.WhenTold = () =>
        {
            // Another thread, which does not wait for the one that lets the first go.
            var other = new Thread(() => late.Grow(120));
            other.Start();
            other.Join();
        };
        first.Grow(101);

        first.HasGone.ShouldBeTrue();
        late.HasGone.ShouldBeTrue();
        budget.Held.ShouldBe(0);
    }

    [Fact]
    public void Zero_lifts_the_limit()
    {
        var budget = new ByteBudget(0);
        Hold(budget, long.MaxValue / 2).ShouldAllBe(h => !h.HasGone);
    }

    private static List<Holder> Hold(ByteBudget budget, params long[] amounts)
    {
        var holders = amounts.Select(_ => new Holder(budget)).ToList();
        for (var i = 0; i < amounts.Length; i++)
        {
            holders[i].Grow(amounts[i]);
        }

        return holders;
    }

    private sealed class Holder(ByteBudget budget) : IByteHolder
    {
        public bool GoesAtOnce { get; init; } = true;

        public bool HasGone { get; private set; }

        public Action? WhenTold { get; set; }

        public int Told { get; private set; }

        public long HeldBytes { get; private set; }

        public void Grow(long bytes)
        {
            HeldBytes += bytes;
            budget.Add(this, bytes);
        }

        public void Shrink(long bytes)
        {
            HeldBytes -= bytes;
            budget.Remove(this, bytes);
        }

        public void GiveUp()
        {
            Told++;
            WhenTold?.Invoke();
            HasGone = GoesAtOnce;
            if (GoesAtOnce)
            {
                Shrink(HeldBytes);
            }
        }
    }
}
