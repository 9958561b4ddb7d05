using System.Runtime.InteropServices;

namespace ClusterChat.Storage.Sqlite.Vfs;

/// <summary>The head of <c>sqlite3_file</c>; what follows belongs to the VFS that opened it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeFile
{
    public FileMethods* Methods;
}

/// <summary><c>sqlite3_io_methods</c>, version 3: https://www.sqlite.org/c3ref/io_methods.html.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct FileMethods
{
    public int Version;
    public delegate* unmanaged[Cdecl]<NativeFile*, int> Close;
    public delegate* unmanaged[Cdecl]<NativeFile*, byte*, int, long, int> Read;
    public delegate* unmanaged[Cdecl]<NativeFile*, byte*, int, long, int> Write;
    public nint Truncate;
    public delegate* unmanaged[Cdecl]<NativeFile*, int, int> Sync;
    private fixed long _others[13];
}

/// <summary><c>sqlite3_vfs</c>, version 3: https://www.sqlite.org/c3ref/vfs.html.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeVfs
{
    public int Version;
    public int FileSize;
    public int MaxPath;
    public NativeVfs* Next;
    public byte* Name;
    public nint Data;
    public delegate* unmanaged[Cdecl]<NativeVfs*, byte*, NativeFile*, int, int*, int> Open;
    private fixed long _others[15];
}
