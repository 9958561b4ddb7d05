namespace ClusterChat.TestKit;

/// <summary>Where on its way a call of the journal is delayed.</summary>
public enum JournalStage
{
    /// <summary>Before it takes effect.</summary>
    Request,

    /// <summary>After it took effect (or was lost), before the caller hears of it.</summary>
    Answer,
}
