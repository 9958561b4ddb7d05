namespace ClusterChat.TestKit;

/// <summary>What goes wrong with a call of the journal.</summary>
public enum JournalFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The request is lost: no effect, now or later. The caller cannot tell.</summary>
    FailBefore,

    /// <summary>The answer is lost: the call took effect, the caller cannot tell.</summary>
    FailAfter,

    /// <summary>
    /// The caller gives up while the request is still on its way; it takes effect when the test releases it
    /// (<see cref="FaultyJournal.Held"/>), with whatever came in between.
    /// </summary>
    Late,
}
