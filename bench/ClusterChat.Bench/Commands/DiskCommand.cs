using System.CommandLine;
using System.Globalization;

namespace ClusterChat.Bench.Commands;

/// <summary>The time of a flush of the disk that the data are on.</summary>
internal static class DiskCommand
{
    public static Command Create()
    {
        var command = new Command("disk", "The median time of a write of 4 KB with fdatasync, in the temporary folder.");
        command.SetAction(_ => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Disk.FlushTime().TotalMilliseconds:N3} ms")));
        return command;
    }
}
