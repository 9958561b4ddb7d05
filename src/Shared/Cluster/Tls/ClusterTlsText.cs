namespace ClusterChat.Cluster.Tls;

/// <summary>The text of the files. Equal to another where nothing has changed.</summary>
internal sealed record ClusterTlsText(ClusterTlsFiles Files, string Certificate, string Key, string Authority)
{
    /// <exception cref="ClusterTlsException">A file cannot be read.</exception>
    public static ClusterTlsText Read(ClusterTlsFiles files) => new(files, Read(files.Certificate), Read(files.Key), Read(files.Authority));

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ClusterTlsException(ClusterTlsFault.Files, $"{file} cannot be read: {e.Message}", e);
        }
    }

    // The key stays out of what a record prints of itself.
    private bool PrintMembers(System.Text.StringBuilder builder)
    {
        builder.Append(Files);
        return true;
    }
}
