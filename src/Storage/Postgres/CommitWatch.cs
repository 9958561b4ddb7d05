using Npgsql;

namespace ClusterChat.Storage.Postgres;

/// <summary>
/// Notices a commit that was answered before the standby confirmed it, because somebody cancelled the wait: the
/// server says so in a warning only. Taken for unknown it is safe: a later commit waits for the standby to have all that was
/// written before it.
/// </summary>
internal sealed class CommitWatch
{
    public CommitWatch(NpgsqlConnection connection) => connection.Notice += OnNotice;

    /// <summary>What the server said; null where nothing is in doubt.</summary>
    public string? Doubt { get; private set; }

    // The name of the server's function is the same in all languages.
    private void OnNotice(object sender, NpgsqlNoticeEventArgs e)
    {
        if (string.Equals(e.Notice.Routine, "SyncRepWaitForLSN", StringComparison.Ordinal))
            Doubt = e.Notice.MessageText;
    }
}
