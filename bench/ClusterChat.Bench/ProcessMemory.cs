using System.Globalization;

namespace ClusterChat.Bench;

/// <summary>The memory of processes, in bytes, as the kernel counts it page by page.</summary>
/// <param name="Resident">What is in memory.</param>
/// <param name="Proportional">The same, with what is shared with others counted in parts.</param>
/// <param name="Private">What is shared with nobody.</param>
internal readonly record struct ProcessMemory(long Resident, long Proportional, long Private)
{
    public static ProcessMemory Of(int pid)
    {
        long resident = 0, proportional = 0, own = 0;
        foreach (var line in File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/smaps_rollup")).Skip(1))
        {
            var (name, bytes) = Parse(line);
            resident += name is "Rss" ? bytes : 0;
            proportional += name is "Pss" ? bytes : 0;
            own += name is "Private_Clean" or "Private_Dirty" ? bytes : 0;
        }

        return new ProcessMemory(resident, proportional, own);
    }

    public static ProcessMemory operator +(ProcessMemory a, ProcessMemory b) =>
        new(a.Resident + b.Resident, a.Proportional + b.Proportional, a.Private + b.Private);

    private static (string Name, long Bytes) Parse(string line)
    {
        var parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return (parts[0].TrimEnd(':'), long.Parse(parts[1], CultureInfo.InvariantCulture) * 1024);
    }
}
