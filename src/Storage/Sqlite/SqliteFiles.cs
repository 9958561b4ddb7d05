namespace ClusterChat.Storage.Sqlite;

/// <summary>Creates database files that only their owner can read.</summary>
internal static class SqliteFiles
{
    private const UnixFileMode OwnerOnlyFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OwnerOnlyFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // SQLite's locks on Unix belong to the process: closing any handle of the file drops them. So a file that
    // exists is never opened here, and nobody of this process opens one that is being created.
    private static readonly Lock Gate = new();

    /// <summary>
    /// Makes sure that the file is there. SQLite gives the -wal and -shm files the mode of the database file.
    /// </summary>
    /// <returns>The full path of the file.</returns>
    /// <exception cref="StorageStartException">The folder or the file cannot be created.</exception>
    public static string Ensure(string folder, string name)
    {
        var path = Path.Combine(Path.GetFullPath(folder), name);
        lock (Gate)
        {
            try
            {
                CreateFolder(Path.GetFullPath(folder));
                if (Directory.Exists(path))
                    throw new StorageStartException($"{path} is a folder; a database file is expected there.");
                if (!File.Exists(path))
                    CreateFile(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new StorageStartException($"Cannot create the database file {path}: {e.Message}", e);
            }
        }

        return path;
    }

    private static void CreateFolder(string folder)
    {
        if (Directory.Exists(folder))
            return;
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, OwnerOnlyFolder);
    }

    private static void CreateFile(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnlyFile;
        try
        {
            new FileStream(path, options).Dispose();
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process was faster: its file is as good.
        }
    }
}
