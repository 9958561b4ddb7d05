using ClusterChat.RoomActors.Journal;
using Npgsql;

namespace ClusterChat.Storage.Postgres;

/// <summary>Turns entries into the columns that <see cref="JournalStatements.Append"/> takes.</summary>
internal static class AppendColumns
{
    /// <summary>Those of <see cref="JournalStatements.Bear"/>; null where no part begins a log, as in nearly all batches.</summary>
    public static NpgsqlBatchCommand? FillUnborn(NpgsqlBatchCommand command, IReadOnlyList<AppendEntry> batch, ArraySegment<int> places)
    {
        var first = new List<AppendEntry>();
        foreach (var place in places)
        {
            if (batch[place].BaseSeq == 0)
                first.Add(batch[place]);
        }

        if (first.Count == 0)
            return null;
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. first.Select(entry => entry.Room)] });
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. first.Select(entry => UnbornRooms.SlotOf(entry.Room))] });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. first.Select(entry => entry.Epoch)] });
        return command;
    }

    public static NpgsqlBatchCommand Fill(NpgsqlBatchCommand command, IReadOnlyList<AppendEntry> batch, ArraySegment<int> places)
    {
        var count = 0;
        foreach (var place in places)
            count += batch[place].Events.Count;

        var rooms = new string[places.Count];
        var epochs = new long[places.Count];
        var bases = new long[places.Count];
        var heads = new long[places.Count];
        var parts = new long[count];
        var seqs = new long[count];
        var kinds = new short[count];
        var authors = new string[count];
        var mids = new string[count];
        var times = new long[count];
        var ofs = new long[count];
        var lines = new ReadOnlyMemory<byte>[count];
        var row = 0;
        for (var i = 0; i < places.Count; i++)
        {
            var entry = batch[places[i]];
            rooms[i] = entry.Room;
            epochs[i] = entry.Epoch;
            bases[i] = entry.BaseSeq;
            heads[i] = entry.BaseSeq + entry.Events.Count;
            foreach (var e in entry.Events)
            {
                parts[row] = i + 1;
                seqs[row] = e.Seq;
                kinds[row] = (short)e.Kind;
                authors[row] = e.Author;
                mids[row] = e.Mid;
                times[row] = e.Ts;
                ofs[row] = e.Of;
                lines[row++] = e.Line;
            }
        }

        Add(rooms);
        Add(epochs);
        Add(bases);
        Add(heads);
        Add(parts);
        Add(seqs);
        Add(kinds);
        Add(authors);
        Add(mids);
        Add(times);
        Add(ofs);
        Add(lines);
        return command;

        void Add<T>(T[] values) => command.Parameters.Add(new NpgsqlParameter<T[]> { TypedValue = values });
    }
}
