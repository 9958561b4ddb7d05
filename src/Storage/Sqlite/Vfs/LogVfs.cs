using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace ClusterChat.Storage.Sqlite.Vfs;

/// <summary>
/// SQLite's own way to its files, but for how a commit reaches the write-ahead log on Linux: in one write, followed by
/// <c>fdatasync</c>. SQLite as it comes with the .NET packages writes each page in two pieces, and flushes with <c>fsync</c>, which
/// stores the file's time stamps as well, and those change with every write.
/// </summary>
/// <remarks>
/// A shim, as https://www.sqlite.org/vfs.html calls it: SQLite's default VFS opens the file, and four of the file's methods are replaced
/// (<see cref="LogFile"/>). All other files, and all other platforms, are left alone.
/// </remarks>
internal static unsafe class LogVfs
{
    private static readonly Lazy<string?> Registered = new(Register);

    /// <summary>For the connection string; null where SQLite's default is used.</summary>
    public static string? Name => Registered.Value;

    /// <summary>SQLite's default.</summary>
    internal static NativeVfs* Inner { get; private set; }

    private static string? Register()
    {
        Inner = OperatingSystem.IsLinux() && LogFile.CanBeOpened() ? Find(null) : null;
        if (Inner is null || Inner->Version < 3)
            return null;
        var vfs = (NativeVfs*)NativeMemory.Alloc((nuint)sizeof(NativeVfs));
        *vfs = *Inner;
        vfs->FileSize = LogFile.Offset + sizeof(LogFile);
        vfs->Name = (byte*)Marshal.StringToCoTaskMemUTF8("clusterchat");
        vfs->Open = &Open;
        return Register(vfs, makeDefault: 0) == raw.SQLITE_OK ? "clusterchat" : null;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Open(NativeVfs* vfs, byte* name, NativeFile* file, int flags, int* outFlags)
    {
        var code = Inner->Open(Inner, name, file, flags, outFlags);
        if (code == raw.SQLITE_OK && (flags & raw.SQLITE_OPEN_WAL) != 0)
            LogFile.Attach(file, name);
        return code;
    }

    [DllImport("e_sqlite3", EntryPoint = "sqlite3_vfs_find", CallingConvention = CallingConvention.Cdecl)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static extern NativeVfs* Find(byte* name);

    [DllImport("e_sqlite3", EntryPoint = "sqlite3_vfs_register", CallingConvention = CallingConvention.Cdecl)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static extern int Register(NativeVfs* vfs, int makeDefault);
}
