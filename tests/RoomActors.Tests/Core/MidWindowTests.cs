using System.Globalization;
using ClusterChat.RoomActors.Rooms;
using FsCheck;
using FsCheck.Xunit;

namespace ClusterChat.RoomActors.Tests.Core;

public sealed class MidWindowTests
{
    [Property]
    public void It_holds_the_newest_writes_and_no_more_than_its_capacity(byte[] mids, byte capacity)
    {
        var most = 1 + (capacity % 8);
        var window = new MidWindow(most, null);
        var order = new List<string>();
        for (var i = 0; i < mids.Length; i++)
        {
            var mid = Mid(mids[i] % 16);
            if (!window.TryFind("ann", mid, out _))
                order.Add(mid);
            window.Add("ann", mid, new WrittenAt(i, i));
            window.Count.ShouldBe(Math.Min(most, order.Count));
            order.TakeLast(most).All(known => window.TryFind("ann", known, out _)).ShouldBeTrue();
        }
    }

    [Property]
    public void What_is_older_than_its_age_is_forgotten_and_nothing_younger(byte[] gaps)
    {
        var window = new MidWindow(1000, TimeSpan.FromMilliseconds(100));
        var added = new List<long>();
        var now = 0L;
        foreach (var gap in gaps)
        {
            now += gap % 60;
            window.Add("ann", Mid(added.Count), new WrittenAt(added.Count, now));
            added.Add(now);
            for (var i = 0; i < added.Count; i++)
                window.TryFind("ann", Mid(i), out _).ShouldBe(now - added[i] <= 100);
        }
    }

    [Fact]
    public void The_first_place_of_a_write_stays()
    {
        var window = new MidWindow(10, null);
        window.Add("ann", "m", new WrittenAt(1, 1));
        window.Add("ann", "m", new WrittenAt(2, 2));
        window.Add("bob", "m", new WrittenAt(3, 3));
        window.TryFind("ann", "m", out var at).ShouldBeTrue();
        at.Seq.ShouldBe(1);
        window.Count.ShouldBe(2);
    }

    private static string Mid(int n) => n.ToString(CultureInfo.InvariantCulture);
}
