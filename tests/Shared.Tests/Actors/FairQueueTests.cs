using ClusterChat.Actors;

namespace ClusterChat.Tests.Actors;

public sealed class FairQueueTests
{
    [Fact]
    public void Each_party_is_served_in_its_turn_and_its_own_items_in_order()
    {
        var queue = new FairQueue<string>(100);
        foreach (var item in new[] { "a1", "a2", "a3", "b1", "c1", "c2" })
            queue.Add(item[..1], item).ShouldBeNull();

        All(queue).ShouldBe(["a1", "b1", "c1", "a2", "c2", "a3"]);
        queue.Count.ShouldBe(0);
        queue.TryTake(out _).ShouldBeFalse();
    }

    [Fact]
    public void Who_comes_back_stands_behind_those_that_wait()
    {
        var queue = new FairQueue<string>(100);
        queue.Add("a", "a1");
        queue.Add("b", "b1");
        queue.TryTake(out _).ShouldBeTrue();
        queue.Add("a", "a2");

        All(queue).ShouldBe(["b1", "a2"]);
    }

    [Fact]
    public void Where_it_is_full_the_newest_of_who_has_most_gives_way()
    {
        var queue = new FairQueue<string>(5);
        foreach (var item in new[] { "a1", "b1", "b2", "b3", "c1" })
            queue.Add(item[..1], item);

        queue.Add("d", "d1").ShouldBe("b3");
        queue.Add("b", "b4").ShouldBe("b4", "who has most itself is refused");
        queue.Add("a", "a2").ShouldBe("a2", "nobody has more than it would have");
        queue.Add("e", "e1").ShouldBe("b2");
        queue.Add("f", "f1").ShouldBe("f1", "all have one");
        queue.Count.ShouldBe(5);
        All(queue).ShouldBe(["a1", "b1", "c1", "d1", "e1"]);
    }

    [Fact]
    public void What_is_taken_out_leaves_the_others_in_their_order()
    {
        var queue = new FairQueue<string>(100);
        foreach (var item in new[] { "a1", "a2", "b1", "c1", "c2" })
            queue.Add(item[..1], item);

        queue.RemoveAll(i => i is "a1" or "b1" or "c2").ShouldBe(["a1", "b1", "c2"]);
        queue.Count.ShouldBe(2);
        queue.Add("b", "b2");
        All(queue).ShouldBe(["a2", "c1", "b2"]);
    }

    private static List<string> All(FairQueue<string> queue)
    {
        var items = new List<string>();
        while (queue.TryTake(out var item))
            items.Add(item);
        return items;
    }
}
