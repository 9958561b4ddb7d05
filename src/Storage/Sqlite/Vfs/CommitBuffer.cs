using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace ClusterChat.Storage.Sqlite.Vfs;

/// <summary>Gathers what a commit writes to the log, so that it goes to the file in one piece.</summary>
/// <remarks>
/// Only for the time of one COMMIT, and only with <c>synchronous=FULL</c>: SQLite then flushes the log before it shows the transaction
/// to anybody, and the flush writes what is here. A page that is written earlier, because the cache is full, goes to the file at once: held
/// back, it might be written when another process has the lock.
/// </remarks>
internal sealed unsafe class CommitBuffer
{
    // 31 pages. A larger commit takes some more writes.
    private const int Capacity = 128 << 10;

    [ThreadStatic]
    private static CommitBuffer? _current;

    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(Capacity, pinned: true);
    private NativeFile* _file;
    private long _offset;
    private int _length;

    /// <summary>Of the commit that this thread is at.</summary>
    public static CommitBuffer? Current => _current;

    public void Begin()
    {
        _length = 0;
        _current = this;
    }

    /// <summary>Where something is left, the commit has failed.</summary>
    public static void End() => _current = null;

    /// <returns>A result code of SQLite.</returns>
    public int Write(NativeFile* file, byte* data, int count, long offset)
    {
        if (file != _file || offset != _offset + _length || count > Capacity - _length)
        {
            var code = Flush();
            if (code != raw.SQLITE_OK)
                return code;
            if (count > Capacity)
                return LogFile.WriteThrough(file, data, count, offset);
            _file = file;
            _offset = offset;
        }

        new ReadOnlySpan<byte>(data, count).CopyTo(_bytes.AsSpan(_length));
        _length += count;
        return raw.SQLITE_OK;
    }

    /// <returns>A result code of SQLite.</returns>
    public int Flush()
    {
        if (_length == 0)
            return raw.SQLITE_OK;
        var length = _length;
        _length = 0;
        return LogFile.WriteThrough(_file, (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_bytes)), length, _offset);
    }
}
