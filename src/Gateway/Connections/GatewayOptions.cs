using System.ComponentModel.DataAnnotations;

namespace ClusterChat.Gateway.Connections;

/// <summary>The limits of a gateway. Section <c>Limits</c> of the configuration.</summary>
public sealed class GatewayOptions
{
    /// <summary>The connections that a gateway takes at most; more are answered 503.</summary>
    public int MaxConnections { get; set; } = 100_000;

    /// <summary>The longest text of a message, and the longest <c>data</c>, in bytes of UTF-8.</summary>
    public int MaxTextBytes { get; set; } = 16_384;

    /// <summary>How long a connection may take to say hello. Protocol, section 3.</summary>
    public TimeSpan HelloTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// After so long a silence the server asks for a sign of life, and after twice as long it closes. 25 s stays
    /// under the 30 s and 60 s at which proxies commonly cut idle connections.
    /// </summary>
    public TimeSpan PingInterval { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>How long a closing connection may take before it is cut.</summary>
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The bytes that may wait for one connection that takes nothing before it is closed as slow, and an eighth of
    /// those that may wait for one that does. As Centrifugo's default.
    /// </summary>
    public int OutboxBytes { get; set; } = 1024 * 1024;

    /// <summary>
    /// How long a client may take nothing of what is being written to it before it is closed as slow; one that takes a little now and then is served. Longer than
    /// the 25 s in which TCP has tried seven times to repeat what a phone in a tunnel did not get (RFC 6298, from a first time-out of 0.2 s on), and shorter
    /// than the two ping intervals for which nobody is kept without a sign of life.
    /// </summary>
    public TimeSpan OutputTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The bytes that the system holds for a client that does not take them, before it is seen here that it does not: SO_SNDBUF, of which Linux keeps twice, for its own
    /// overhead. 0: as much as the system likes, which are megabytes. 128 KiB: 600 KB a second over a line of 200 ms.
    /// </summary>
    [Range(0, int.MaxValue)]
    public int SendBufferBytes { get; set; } = 128 * 1024;

    /// <summary>
    /// The bytes that may wait for all clients of the node that do not take what is written to them, copies included; beyond that those are closed as slow for
    /// which most waits. Null: an eighth of the memory that the runtime says it may have, since it holds about twice as much until it has collected what
    /// is given up, and rooms, connections and unfinished input need the rest. 0 lifts the limit.
    /// </summary>
    [Range(0, double.MaxValue)]
    public long? OutputBytes { get; set; }

    /// <summary>The part of the available memory that <see cref="OutputBytes"/> is by itself.</summary>
    internal const int OutputShare = 8;

    /// <summary>
    /// The connections of one address (of IPv6: one /64), streams and held polls included; 0 lifts the limit. A quarter of
    /// <see cref="MaxConnections"/>: nobody fills the gateway alone, and a large office or a load generator gets in.
    /// </summary>
    [Range(0, int.MaxValue)]
    public int ConnectionsPerAddress { get; set; } = 25_000;

    /// <summary>
    /// The sockets of one address (of IPv6: one /64), counted from the accept on; more are closed at once, without an answer. Those of proxies that are
    /// named do not count. 0 lifts the limit. <see cref="ConnectionsPerAddress"/>, and a fifth for what browsers open besides while they load the page. Where
    /// few descriptors are left (<c>ulimit -n</c>), three quarters of those.
    /// </summary>
    [Range(0, int.MaxValue)]
    public int SocketsPerAddress { get; set; } = 30_000;

    /// <summary>
    /// The sockets that ask for nothing: no whole request has come yet, or no other one since the last was answered. Beyond it the oldest ones go, those that
    /// never said anything whole first. Null: as many as fit into a quarter of the memory that the process may have, at 24 KiB each. 0 lifts the limit.
    /// </summary>
    [Range(0, int.MaxValue)]
    public int? WaitingSockets { get; set; }

    /// <summary>
    /// The bytes that are held, for all clients, of requests and messages that have begun and are not whole. Beyond it those clients go for whom most is held.
    /// Null: an eighth of the memory that the process may have. 0 lifts the limit.
    /// </summary>
    [Range(0, double.MaxValue)]
    public long? InputBytes { get; set; }

    /// <summary>
    /// In each such time at least <see cref="InputBytesPerSecond"/> have to come of a body or message that has begun; the headers of a request all together; and
    /// of a new socket anything at all. A phone may be away for almost as long as until it is asked for a sign of life (<see cref="PingInterval"/>), and one
    /// that sends 2 KB a second gets the longest headers (32 KB) through. Browsers close sockets that they opened ahead and did not use after 10 s.
    /// </summary>
    public TimeSpan InputTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How fast what has begun has to go on. As the web server's own MinRequestBodyDataRate, which takes the average since the beginning.</summary>
    [Range(0, double.MaxValue)]
    public double InputBytesPerSecond { get; set; } = 240;

    /// <summary>
    /// The connections of one user; more are closed with 3504. 0 lifts the limit. Room for each tab and device, and for those
    /// that a bad line leaves behind for two ping intervals.
    /// </summary>
    [Range(0, int.MaxValue)]
    public int ConnectionsPerUser { get; set; } = 100;

    /// <summary>Connections a second that one address may open; more are answered 429. 0 lifts the limit.</summary>
    [Range(0, double.MaxValue)]
    public double ConnectsPerSecondPerAddress { get; set; } = 500;

    /// <summary>Connections that one address may open at once after a pause: all of an office, when a gateway was restarted.</summary>
    public int ConnectBurstPerAddress { get; set; } = 25_000;

    /// <summary>Requests of the HTTP API a second from one address; more are answered 429. 0 lifts the limit.</summary>
    [Range(0, double.MaxValue)]
    public double RequestsPerSecondPerAddress { get; set; } = 2000;

    /// <summary>Requests of the HTTP API from one address that may come at once after a pause.</summary>
    public int RequestBurstPerAddress { get; set; } = 10_000;

    /// <summary>
    /// Bytes of pages and lists a second that one address may read, by WebSocket and HTTP; more is answered <c>rate_limited</c>. 0 lifts the limit. 32 MiB: what a
    /// program reads that asks for the usual page 2,000 times a second, and about a tenth of a core where it comes from the journal.
    /// </summary>
    [Range(0, int.MaxValue)]
    public int ReadBytesPerSecondPerAddress { get; set; } = 32 * 1024 * 1024;

    /// <summary>
    /// Bytes that one address may read at once after a pause: all of an office comes back, 500 clients in two rooms each, and each has missed the largest page.
    /// </summary>
    public int ReadBurstBytesPerAddress { get; set; } = 256 * 1024 * 1024;

    /// <summary>
    /// Reads of the HTTP API from one address at once, each until its answer is taken, and lists of rooms by WebSocket; more are answered <c>rate_limited</c>. 0
    /// lifts the limit. 2,000 a second that take 60 ms; of the largest pages they hold 32 MiB.
    /// </summary>
    [Range(0, int.MaxValue)]
    public int ReadsAtOncePerAddress { get; set; } = 128;

    /// <summary>
    /// Bytes a second that all may read together who read over HTTP without a name or a token, so that they leave something to those who chat. 0 lifts the
    /// limit. Twice the share of an address.
    /// </summary>
    [Range(0, int.MaxValue)]
    public int AnonymousReadBytesPerSecond { get; set; } = 64 * 1024 * 1024;

    /// <summary>Bytes that they may read at once after a pause.</summary>
    public int AnonymousReadBurstBytes { get; set; } = 512 * 1024 * 1024;

    /// <summary>Their reads at once, the others wait, in turns of their addresses; 0 lifts the limit. Of the largest pages they hold 64 MiB.</summary>
    [Range(0, int.MaxValue)]
    public int AnonymousReadsAtOnce { get; set; } = 256;

    /// <summary>
    /// Their reads that wait, each for <see cref="RequestTimeout"/> at most. Beyond it the newest one of the address with most of them is answered <c>unavailable</c>. What
    /// has its turn within that time where pages are of the usual size.
    /// </summary>
    public int AnonymousReadsWaiting { get; set; } = 4096;

    /// <summary>
    /// Questions of a gateway's clients to one room under way at once: joins, pages, lists of members. The others wait, in turns of their addresses. 32 of the
    /// largest pages are half of what may be under way from one node's rooms to a gateway.
    /// </summary>
    public int ReadsAtOncePerRoom { get; set; } = 32;

    /// <summary>
    /// Sends a second of one user, over all of its connections and HTTP; 0 lifts the limit, and so does a
    /// <see cref="SendsPerSecond"/> of 0. Three devices at their own limit.
    /// </summary>
    [Range(0, double.MaxValue)]
    public double SendsPerSecondPerUser { get; set; } = 60;

    /// <summary>Sends of one user that may come at once after a pause.</summary>
    public int SendBurstPerUser { get; set; } = 300;

    /// <summary>
    /// Sends a second from one address; 0 lifts the limit, and so does a <see cref="SendsPerSecond"/> of 0. About a
    /// quarter of what a gateway takes: see docs/performance.md.
    /// </summary>
    [Range(0, double.MaxValue)]
    public double SendsPerSecondPerAddress { get; set; } = 10_000;

    /// <summary>Sends from one address that may come at once after a pause.</summary>
    public int SendBurstPerAddress { get; set; } = 20_000;

    /// <summary>
    /// The users, and the addresses, without connections of which a gateway remembers what they have taken of these limits; where there are more, those go
    /// first that took nothing for longest. One has about 300 bytes: 15 MB for each of the two tables. Who is connected is not among them.
    /// </summary>
    public int MaxUnusedShares { get; set; } = 50_000;

    /// <summary>Sends a second of one connection; 0 lifts the limit.</summary>
    [Range(0, double.MaxValue)]
    public double SendsPerSecond { get; set; } = 20;

    /// <summary>Sends that may come at once after a pause.</summary>
    public int SendBurst { get; set; } = 100;

    /// <summary>
    /// All other requests a second of one connection, frames that ask nothing among them; as many pings, pongs and short fragments
    /// besides. 0 lifts both limits.
    /// </summary>
    [Range(0, double.MaxValue)]
    public double RequestsPerSecond { get; set; } = 100;

    /// <summary>Other requests that may come at once: a client that joins all of its rooms again, and then some.</summary>
    public int RequestBurst { get; set; } = 600;

    /// <summary>
    /// Joins a second of one connection, which count as requests too; 0 lifts the limit, and so does a <see cref="RequestsPerSecond"/> of 0. Each costs its room
    /// a page and, where members are named, a line to each of them. 5: nobody goes from room to room faster by hand.
    /// </summary>
    [Range(0, double.MaxValue)]
    public double JoinsPerSecond { get; set; } = 5;

    /// <summary>Joins that may come at once, as <see cref="RequestBurst"/>: twice all of its rooms, as after two losses of a database in a row.</summary>
    public int JoinBurst { get; set; } = 600;

    /// <summary>
    /// Requests that may be refused in a row, less <see cref="RefusalsPerSecond"/>, before the connection is closed with 3013.
    /// </summary>
    public int RefusalBurst { get; set; } = 300;

    /// <summary>Refusals a second that a connection may go on with.</summary>
    [Range(0, double.MaxValue)]
    public double RefusalsPerSecond { get; set; } = 20;

    /// <summary>The rooms that one connection may be in. Protocol, section 5.</summary>
    public int MaxRooms { get; set; } = 256;

    /// <summary>
    /// Rooms a second that one user may ask for of which this gateway has none of its clients in yet, by joining or reading; more are
    /// answered <c>rate_limited</c>. 0 lifts the limit. A person opens one in a while.
    /// </summary>
    [Range(0, double.MaxValue)]
    public double NewRoomsPerSecondPerUser { get; set; } = 20;

    /// <summary>Such rooms that a user may ask for at once after a pause: all that four devices can be in, each in others, when a gateway was restarted.</summary>
    public int NewRoomBurstPerUser { get; set; } = 1024;

    /// <summary>
    /// The same for one address, as the proxies tell it. 0 lifts the limit. 200: from behind one NAT a user each second opens all of its rooms anew.
    /// </summary>
    [Range(0, double.MaxValue)]
    public double NewRoomsPerSecondPerAddress { get; set; } = 200;

    /// <summary>
    /// Such rooms from one address at once after a pause. Rooms that its clients share count once: 500 of them behind one NAT come back at once with four
    /// each that nobody else is in, and with 20 each within a minute. More at once would keep all others waiting: each takes some 0.3 ms of a core.
    /// </summary>
    public int NewRoomBurstPerAddress { get; set; } = 2_000;

    /// <summary>
    /// The rooms that this gateway follows for its clients, a quarter of it for those that one address has asked for first; more are answered <c>busy</c>. From
    /// three quarters of it on, rooms that no client is in any more are let go at once. 0 lifts the limit. Null: as many as go into a quarter of
    /// the memory that the process may have, at <see cref="BytesOfSubscription"/> each.
    /// </summary>
    [Range(0, int.MaxValue)]
    public int? MaxSubscriptions { get; set; }

    /// <summary>What a subscription with one client takes; from measurement (7 to 8 KB with the room itself), and then some.</summary>
    internal const int BytesOfSubscription = 5_000;

    /// <summary><see cref="MaxSubscriptions"/> as it is to be kept.</summary>
    internal int SubscriptionLimit => MaxSubscriptions switch
    {
        null => (int)Math.Min(int.MaxValue, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4 / BytesOfSubscription),
        0 => int.MaxValue,
        { } most => most,
    };

    /// <summary>Unacked writes of one connection after which no more is read from it.</summary>
    public int MaxUnacked { get; set; } = 256;

    /// <summary>Unacked writes of one gateway to one room after which more are answered <c>busy</c>.</summary>
    public int MaxUnackedPerRoom { get; set; } = 8192;

    /// <summary>How long a gateway tries on its own to have a write acked before the client hears <c>unavailable</c>.</summary>
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a gateway waits for a page or a list before the client hears <c>unavailable</c>.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>After so long without an answer of the owner the subscription is opened anew; while it owes the same still, after twice and four times as long.</summary>
    public TimeSpan SilenceTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// After so long without a word of an owner that owes nothing, the subscription is opened anew. Owners repeat their heads
    /// every second: four of them in a row were lost.
    /// </summary>
    public TimeSpan OwnerSilence { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a subscription without clients is kept.</summary>
    public TimeSpan SubscriptionIdle { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The same where the room has no event: nothing is missed by asking again. 1 s: who looks before joining does so at once.</summary>
    public TimeSpan EmptySubscriptionIdle { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How often a second a gateway hands a room's new events to its clients, if these are <see cref="GatherFromClients"/> or more;
    /// what comes in between gathers, so that each client gets fewer and larger frames. In a room with more events a second than
    /// this, one may wait for 20 ms, which halves the CPU time: see docs/performance.md. 0: each at once.
    /// </summary>
    [Range(0, double.MaxValue)]
    public double BroadcastsPerSecond { get; set; } = 50;

    /// <summary>Events of a room that go out at once after a pause, each by itself.</summary>
    [Range(1, int.MaxValue)]
    public int BroadcastBurst { get; set; } = 8;

    /// <summary>
    /// The clients that a room has on a gateway from which its events gather: fewer are written to in less than half a
    /// millisecond, and need not wait.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int GatherFromClients { get; set; } = 32;

    /// <summary>The newest events of a room that a gateway keeps, to complete pages that were read while others came.</summary>
    public int RecentEvents { get; set; } = 128;

    /// <summary>The time from SIGTERM to the end of the process. As Kubernetes' default.</summary>
    public TimeSpan DrainGrace { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a long poll may be held.</summary>
    public TimeSpan MaxPollWait { get; set; } = TimeSpan.FromSeconds(60);
}
