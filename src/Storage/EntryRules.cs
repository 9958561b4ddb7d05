using ClusterChat.RoomActors.Journal;

namespace ClusterChat.Storage;

/// <summary>
/// What an entry must fulfil before a store sees it. Each adapter has the same rules, so that a move from one
/// to the other turns nothing away that was taken before: PostgreSQL's text holds no NUL, for one.
/// </summary>
internal static class EntryRules
{
    /// <summary>Why the entry can never be stored; null where it can.</summary>
    public static string? Violation(AppendEntry entry)
    {
        if (entry.Events.Count == 0)
            return "the entry has no events";
        if (!IsText(entry.Room))
            return "the room's name is no text that can be stored";
        var seq = entry.BaseSeq;
        for (var i = 0; i < entry.Events.Count; i++)
        {
            var e = entry.Events[i];
            if (e.Seq != ++seq)
                return $"event {e.Seq} stands where {seq} belongs";
            if (!IsText(e.Author) || !IsText(e.Mid))
                return $"the author or the mid of event {e.Seq} is no text that can be stored";
        }

        return null;
    }

    /// <summary>Whether a text has no NUL and no lone surrogate.</summary>
    public static bool IsText(string? text)
    {
        if (text is null)
            return false;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\0')
                return false;
            if (!char.IsSurrogate(c))
                continue;
            if (!char.IsHighSurrogate(c) || i + 1 == text.Length || !char.IsLowSurrogate(text[++i]))
                return false;
        }

        return true;
    }
}
