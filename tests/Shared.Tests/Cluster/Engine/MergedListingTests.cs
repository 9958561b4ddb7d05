using ClusterChat.Cluster;
using ClusterChat.Cluster.Engine;

namespace ClusterChat.Shared.Tests.Cluster.Engine;

/// <summary>The list of rooms of several nodes.</summary>
public sealed class MergedListingTests
{
    [Fact]
    public void Rooms_come_in_the_order_of_their_bytes_and_once()
    {
        var merged = Merge(Listing(false, ("a", 0, 3), ("～", 0, 1), ("😀", 0, 1)), Listing(false, ("a", 0, 3), ("b", 2, 0)));
        merged.Take(10).Rooms.Select(r => r.Room).ShouldBe(["a", "b", "～", "😀"]);
        merged.Take(10).More.ShouldBeFalse();
    }

    [Fact]
    public void The_node_that_has_the_room_knows_most_of_it()
    {
        var merged = Merge(Listing(false, ("a", 0, 3)), Listing(false, ("a", 2, 5)), Listing(false, ("a", 0, 4)));
        merged.Take(10).Rooms.ShouldBe([new ListedRoom("a", 2, 5)]);
    }

    [Fact]
    public void There_are_more_where_the_limit_cuts()
    {
        var merged = Merge(Listing(false, ("a", 0, 1), ("c", 0, 1)), Listing(false, ("b", 0, 1)));
        var page = merged.Take(2);
        page.Rooms.Select(r => r.Room).ShouldBe(["a", "b"]);
        page.More.ShouldBeTrue();
        merged.Take(3).More.ShouldBeFalse();
    }

    [Fact]
    public void There_are_more_where_a_node_says_so()
        => Merge(Listing(false, ("a", 0, 1)), Listing(true, ("b", 0, 1))).Take(2).More.ShouldBeTrue();

    [Fact]
    public void Of_no_nodes_there_are_no_rooms()
    {
        var none = Merge().Take(10);
        none.Rooms.ShouldBeEmpty();
        none.More.ShouldBeFalse();
    }

    private static MergedListing Merge(params RoomListing[] listings)
    {
        var merged = new MergedListing();
        foreach (var listing in listings)
        {
            merged.Add(listing);
        }

        return merged;
    }

    private static RoomListing Listing(bool more, params (string Room, int Count, long Seq)[] rooms)
        => new([.. rooms.Select(r => new ListedRoom(r.Room, r.Count, r.Seq))], more);
}
