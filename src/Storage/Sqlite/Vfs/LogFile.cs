using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace ClusterChat.Storage.Sqlite.Vfs;

/// <summary>What <see cref="LogVfs"/> keeps of a write-ahead log, behind what SQLite's default VFS keeps of it, and its methods.</summary>
/// <remarks>
/// The descriptor is for the flush only. Closing it costs SQLite no lock (on Unix they go with any descriptor of a file): its locks are
/// on the database and on the -shm file, never on the log.
/// </remarks>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LogFile
{
    private const int OpenReadWriteCloseOnExec = 0x80002;
    private const int IoErrorFsync = raw.SQLITE_IOERR | (4 << 8);

    private static readonly Lock Gate = new();
    private static FileMethods* _methods;

    private FileMethods* _inner;
    private int _descriptor;
    private bool _isInFolder;

    /// <summary>Where it lies in a file's memory.</summary>
    public static int Offset => (LogVfs.Inner->FileSize + sizeof(nint) - 1) & -sizeof(nint);

    /// <summary>
    /// Whether the C library has what is called here, where it is expected. To find out in a call of SQLite's would end the process.
    /// </summary>
    public static bool CanBeOpened()
    {
        try
        {
            fixed (byte* name = "/dev/null\0"u8)
            {
                var descriptor = OpenFile(name, OpenReadWriteCloseOnExec);
                _ = FlushData(descriptor);
                return descriptor >= 0 && CloseFile(descriptor) == 0;
            }
        }
        catch (Exception missing) when (missing is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    /// <summary>Takes over a log that SQLite's default VFS has opened. Where that cannot be, the log stays as it is.</summary>
    public static void Attach(NativeFile* file, byte* name)
    {
        var descriptor = OpenFile(name, OpenReadWriteCloseOnExec);
        if (descriptor < 0)
            return;
        *Of(file) = new LogFile { _inner = file->Methods, _descriptor = descriptor };
        file->Methods = Methods(file->Methods);
    }

    // The default VFS has one table for all logs.
    private static FileMethods* Methods(FileMethods* inner)
    {
        lock (Gate)
        {
            if (_methods is null)
            {
                var methods = (FileMethods*)NativeMemory.Alloc((nuint)sizeof(FileMethods));
                *methods = *inner;
                methods->Close = &Close;
                methods->Read = &Read;
                methods->Write = &Write;
                methods->Sync = &Sync;
                _methods = methods;
            }

            return _methods;
        }
    }

    private static LogFile* Of(NativeFile* file) => (LogFile*)((byte*)file + Offset);

    /// <summary>Writes at once.</summary>
    public static int WriteThrough(NativeFile* file, byte* data, int count, long offset) => Of(file)->_inner->Write(file, data, count, offset);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Write(NativeFile* file, byte* data, int count, long offset) => CommitBuffer.Current is { } commit
        ? commit.Write(file, data, count, offset)
        : WriteThrough(file, data, count, offset);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Read(NativeFile* file, byte* data, int count, long offset)
    {
        var code = CommitBuffer.Current?.Flush() ?? raw.SQLITE_OK;
        return code == raw.SQLITE_OK ? Of(file)->_inner->Read(file, data, count, offset) : code;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Sync(NativeFile* file, int flags)
    {
        var code = CommitBuffer.Current?.Flush() ?? raw.SQLITE_OK;
        if (code != raw.SQLITE_OK)
            return code;
        var log = Of(file);
        if (log->_isInFolder)
            return FlushData(log->_descriptor) == 0 ? raw.SQLITE_OK : IoErrorFsync;

        // The first flush of a new file is of its folder too.
        code = log->_inner->Sync(file, flags);
        log->_isInFolder = code == raw.SQLITE_OK;
        return code;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Close(NativeFile* file)
    {
        _ = CloseFile(Of(file)->_descriptor);
        return Of(file)->_inner->Close(file);
    }

    [DllImport("libc", EntryPoint = "open")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int OpenFile(byte* name, int flags);

    [DllImport("libc", EntryPoint = "fdatasync")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int FlushData(int descriptor);

    [DllImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int CloseFile(int descriptor);
}
