using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ClusterChat.Siege.Net;

namespace ClusterChat.Siege.Honest;

/// <summary>
/// A client as the protocol wants it: it answers pings, comes back when its connection is gone, as the guest that it was, and sends
/// again what was not acked. So what an outage costs it is in the times of its acks.
/// </summary>
internal sealed class HonestClient(HonestPlan plan, int number, IPEndPoint node, SemaphoreSlim door, HonestRecord record) : IAsyncDisposable
{
    private const long HelloId = 1, FirstJoinId = 2, FirstId = 1000;
    private const int EachReads = 5;

    private readonly Lock _gate = new();
    private readonly SortedDictionary<long, (long DueAt, byte[] Frame, bool IsWrite)> _unanswered = [];

    // Those that may go through later: they are sent again, in order, before the next one.
    private readonly SortedSet<long> _refused = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _acked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _mark = Guid.NewGuid().ToString("N")[..12];
    private readonly string[] _rooms = plan.Rooms(number);
    private Task _running = Task.CompletedTask;
    private Wire? _wire;
    private bool _isCut;
    private string _session = string.Empty;
    private string? _trouble;
    private int _joined;
    private int _said;
    private long _next = FirstId;

    /// <summary>Whether it is in all of its rooms.</summary>
    public bool IsIn
    {
        get
        {
            lock (_gate)
                return _joined == _rooms.Length;
        }
    }

    /// <summary>Completes with the first ack.</summary>
    public Task FirstAck => _acked.Task;

    /// <summary>How its last connection, or its last try, ended; null while it never did.</summary>
    public string? Trouble => Volatile.Read(ref _trouble);

    /// <summary>Begins to live.</summary>
    public void Start() => _running = RunAsync();

    /// <summary>Says something, once it is in its rooms.</summary>
    /// <param name="dueAt">When it was to be said.</param>
    public void Say(long dueAt)
    {
        lock (_gate)
        {
            foreach (var id in _refused)
                _wire?.Post(_unanswered[id].Frame);
            _refused.Clear();
            Ask(dueAt, _rooms[_said % _rooms.Length], isWrite: true);
            if (++_said % EachReads == 0 && plan.Reads)
            {
                Ask(dueAt, _rooms[0], isWrite: false);
                Ask(dueAt, null, isWrite: false);
            }
        }
    }

    /// <summary>What has no answer yet, by when it was due.</summary>
    public IReadOnlyList<long> Unanswered(bool writes)
    {
        lock (_gate)
            return [.. _unanswered.Values.Where(u => u.IsWrite == writes).Select(u => u.DueAt)];
    }

    /// <summary>Its line breaks; it comes back at once.</summary>
    public void CutLine()
    {
        lock (_gate)
        {
            _isCut = true;
            _joined = 0;
            _wire?.Dispose();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        var pause = new Random(number);
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                var how = await LiveAsync();
                bool wasIn, wasOurs;
                lock (_gate)
                {
                    (wasIn, wasOurs) = (IsIn, _isCut);
                    (_wire, _joined, _isCut) = (null, 0, false);
                }

                if (_stop.IsCancellationRequested)
                    return;
                if (wasOurs)
                    continue;
                Volatile.Write(ref _trouble, how);
                if (wasIn)
                    record.WasCut(how);
                else
                    record.WasRefused(how);
                await Task.Delay(plan.ComeBackAfter * (0.5 + (pause.NextDouble() / 2)), TimeProvider.System, _stop.Token);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
    }

    /// <returns>How the connection ended.</returns>
    private async Task<string> LiveAsync()
    {
        Wire wire;
        await door.WaitAsync(_stop.Token);
        try
        {
            wire = await Wire.OpenAsync(node, plan.From(number), 0, _stop.Token);
        }
        catch (SocketException error)
        {
            return "no connection: " + error.SocketErrorCode;
        }
        catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
        {
            return "no connection: no answer";
        }
        finally
        {
            door.Release();
        }

        using (wire)
        {
            var ear = new Listener(this, wire);
            lock (_gate)
                _wire = wire;
            wire.Post(Bytes.Upgrade(plan.Headers));
            var how = await wire.HearAsync(ear, () => ear.Status != 0, _stop.Token);
            if (how is null && ear.Status != (int)HttpStatusCode.SwitchingProtocols)
                return string.Create(CultureInfo.InvariantCulture, $"HTTP {ear.Status}");
            wire.Post(Bytes.Text(Hello()));
            how ??= await wire.HearAsync(ear, () => ear.Refusal is not null, _stop.Token);
            return ear.Refusal ?? ear.Closed ?? how ?? "closed";
        }
    }

    private string Hello()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{plan.Name}-{number}");
        return plan.Tokens is { } tokens ? $$"""{"id":1,"t":"hello","token":"{{tokens.Make(name)}}"}"""
            : _session.Length > 0 ? $$"""{"id":1,"t":"hello","name":"{{name}}","session":"{{_session}}"}"""
            : $$"""{"id":1,"t":"hello","name":"{{name}}"}""";
    }

    private void Ask(long dueAt, string? room, bool isWrite)
    {
        var id = _next++;
        var text = isWrite ? string.Create(CultureInfo.InvariantCulture, $$"""{"id":{{id}},"t":"send","room":"{{room}}","mid":"{{_mark}}-{{id}}","text":"An honest word, the {{id}}th."}""")
            : room is null ? string.Create(CultureInfo.InvariantCulture, $$"""{"id":{{id}},"t":"rooms","limit":20}""")
            : string.Create(CultureInfo.InvariantCulture, $$"""{"id":{{id}},"t":"history","room":"{{room}}","before":1000000,"limit":20}""");
        var frame = Bytes.Text(text);
        _unanswered.Add(id, (dueAt, frame, isWrite));
        if (IsIn)
            _wire?.Post(frame);
    }

    private void Welcomed(Wire wire, string session)
    {
        lock (_gate)
        {
            _session = session;
            for (var i = 0; i < _rooms.Length; i++)
                wire.Post(Bytes.Text(string.Create(CultureInfo.InvariantCulture, $$"""{"id":{{FirstJoinId + i}},"t":"join","room":"{{_rooms[i]}}","limit":0}""")));
        }
    }

    private void Joined()
    {
        lock (_gate)
        {
            if (++_joined < _rooms.Length)
                return;
            foreach (var (_, frame, _) in _unanswered.Values)
                _wire?.Post(frame);
            _refused.Clear();
        }
    }

    private void Answered(long id)
    {
        lock (_gate)
        {
            if (!_unanswered.Remove(id, out var asked))
                return;
            _refused.Remove(id);
            if (asked.IsWrite)
                record.Acked(asked.DueAt);
            else
                record.Read(asked.DueAt);
        }

        _acked.TrySetResult();
    }

    private void WasRefused(long id, string code, bool isTemporary)
    {
        lock (_gate)
        {
            if (!_unanswered.TryGetValue(id, out var asked))
                return;
            if (asked.IsWrite)
                record.WasRefused("error " + code);
            else
                record.ReadWasRefused("error " + code);

            if (asked.IsWrite && isTemporary)
                _refused.Add(id);
            else
                _unanswered.Remove(id);
        }
    }

    /// <summary>What one connection hears.</summary>
    private sealed class Listener(HonestClient client, Wire wire) : Ear
    {
        /// <summary>The close's code and reason; null before it.</summary>
        public string? Closed { get; private set; }

        /// <summary>Why it cannot be in its rooms; null where nothing stands against it.</summary>
        public string? Refusal { get; private set; }

        protected override void OnPing(ReadOnlySpan<byte> payload) => wire.Post(Bytes.Pong(payload));

        protected override void OnClose(int code, string reason) => Closed = string.Create(CultureInfo.InvariantCulture, $"{code} {reason}");

        protected override void OnLine(ReadOnlySpan<byte> line)
        {
            switch (Field(line, "\"t\":"u8))
            {
                case "welcome":
                    client.Welcomed(wire, Field(line, "\"session\":"u8));
                    break;
                case "joined":
                    client.Joined();
                    break;
                case "ack" or "history" or "rooms":
                    client.Answered(Id(line));
                    break;
                case "reset" or "kicked":
                    Refusal = Field(line, "\"t\":"u8);
                    break;
                case "error" when Id(line) < FirstId:
                    Refusal = "error " + Field(line, "\"code\":"u8);
                    break;
                case "error":
                    client.WasRefused(Id(line), Field(line, "\"code\":"u8), line.IndexOf("\"temporary\":true"u8) >= 0);
                    break;
            }
        }

        private static long Id(ReadOnlySpan<byte> line)
            => long.TryParse(Field(line, "\"id\":"u8), CultureInfo.InvariantCulture, out var id) ? id : HelloId;
    }
}
