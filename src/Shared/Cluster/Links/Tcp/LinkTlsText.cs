namespace ClusterChat.Cluster.Links.Tcp;

/// <summary>The text of the files. Equal to another where nothing has changed.</summary>
internal sealed record LinkTlsText(LinkTlsFiles Files, string Certificate, string Key, string Authority)
{
    /// <exception cref="LinkTlsException">A file cannot be read.</exception>
    public static LinkTlsText Read(LinkTlsFiles files) => new(files, Read(files.Certificate), Read(files.Key), Read(files.Authority));

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LinkTlsException($"{file} cannot be read: {e.Message}", e);
        }
    }

    // The key stays out of what a record prints of itself.
    private bool PrintMembers(System.Text.StringBuilder builder)
    {
        builder.Append(Files);
        return true;
    }
}
