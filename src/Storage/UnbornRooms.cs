using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace ClusterChat.Storage;

/// <summary>
/// Rooms without an event yet, which have no row of their own: whoever looks at a room makes nothing. There are as many of them as there
/// are names, so what is to be known of them is kept in a fixed number of slots, in the table <c>unborn</c>.
/// </summary>
/// <remarks>
/// <para><b>Opening.</b> A slot's row is for its unborn rooms what a room's row is for that room: an opening takes the next epoch, and is refused
/// under an older view. All of the slot's rooms share both. So an opening also fences the owners of its neighbours, without need; these open
/// again before their first append, which costs them a round trip once in a room's life, and nobody is told.</para>
/// <para><b>Birth.</b> An append to a room without a row takes effect only if it begins at 0 and the slot's epoch is the entry's: nobody
/// has opened this room since, whoever believes to own it. The check, the room's row and the events are one atomic step, and openings of the slot
/// wait for it. The row takes over epoch and view, so both go on from there: of two owners of an unborn room only the one that opened it
/// last can bear it, and an append of before that comes late finds either another epoch in the slot or a row.</para>
/// <para><b>Log.</b> It is made of the slot's own random log and the room's name. So each opening finds the same, whichever node is
/// asked, and clients who were told it before the first event go on under it. It never comes back: a row that had an event is never removed (a
/// deleted room keeps it, with another log), so a room is born once. Where the server's timeline changed (PostgreSQL), the slots
/// take new logs and leap over epochs, as rooms do.</para>
/// <para><b>Rows of earlier versions</b>, which stored each room that was opened: one that is opened stays as it is, with its log. Of the
/// others those without an event are removed, in the background: the slot's epoch and view are raised to the row's in the same step, so the
/// room's next epoch is higher than all it has had. An entry that begins at 0 fits a row only if the row is one of those that stay: so
/// an owner that opened an unborn room never takes for its own the row that a node of an earlier version made meanwhile.</para>
/// </remarks>
internal static class UnbornRooms
{
    /// <summary>
    /// How many slots there are; the same for ever. 1,024: where a hundred unborn rooms are opened a second, a slot is opened every ten
    /// seconds, far less often than the milliseconds between an opening and the append that follows it at once. A table of some 50 KB.
    /// </summary>
    public const int Slots = 1024;

    // As long as the names that LogNames makes.
    private const int LogBytes = 9;

    /// <summary>The slot of a room's name.</summary>
    public static int SlotOf(string room)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(room), hash);
        return ((hash[0] << 8) | hash[1]) % Slots;
    }

    /// <summary>The log of an unborn room.</summary>
    /// <param name="slotLog">Its slot's.</param>
    /// <param name="room">Its name.</param>
    public static string LogOf(string slotLog, string room)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{slotLog}/{room}"), hash);
        return Base64Url.EncodeToString(hash[..LogBytes]);
    }
}
