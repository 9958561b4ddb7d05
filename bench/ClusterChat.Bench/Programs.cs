using System.Diagnostics;
using System.Globalization;

namespace ClusterChat.Bench;

/// <summary>How the servers are started.</summary>
internal static class Programs
{
    private static string Root => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../.."));

    /// <summary>One node of ClusterChat, without a limit on sends, the rooms called "mem:" without a journal.</summary>
    /// <param name="dll">The clusterchat.dll to measure; null for the one built beside this.</param>
    /// <param name="number">The node's number, where there are several; 0 for one that is alone.</param>
    /// <param name="port">Where it listens.</param>
    /// <param name="data">The folder of the database files.</param>
    /// <param name="postgres">The connection string of the database instead, or null.</param>
    public static ProcessStartInfo Node(string? dll, int number, int port, string data, string? postgres)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList = { dll ?? Built("src/ClusterChat", "clusterchat.dll"), "--urls", Url(port), "--data", data },
            Environment =
            {
                ["ClusterChat__Limits__SendsPerSecond"] = "0",
                ["ClusterChat__Rooms__Memory__0"] = "mem:*",
                ["Logging__LogLevel__Default"] = "Warning",
            },
        };
        if (number > 0)
        {
            start.ArgumentList.Add("--name");
            start.ArgumentList.Add("n" + Text(number));
            start.ArgumentList.Add("--cluster");
            start.ArgumentList.Add("127.0.0.1:0");
        }

        if (postgres is not null)
        {
            start.Environment["ClusterChat__Postgres"] = postgres;
        }

        return start;
    }

    /// <summary>One of the others.</summary>
    public static ProcessStartInfo Other(ServerKind kind, int port, string folder) => kind switch
    {
        ServerKind.Bare => new ProcessStartInfo(Compile(folder)) { ArgumentList = { Text(port) } },
        ServerKind.BareEach => new ProcessStartInfo(Compile(folder)) { ArgumentList = { Text(port), "each" } },
        ServerKind.SendAsync => Baseline("sendasync", port),
        ServerKind.SignalR => Baseline("signalr", port),
        ServerKind.Nats => Nats(port, folder),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, message: null),
    };

    private static ProcessStartInfo Baseline(string name, int port) => new("dotnet")
    {
        ArgumentList = { Built("bench/ClusterChat.Baselines", "baselines.dll"), name, "--urls", Url(port) },
    };

    // -1 is a free port of its own choice: its listener for plain TCP cannot be turned off.
    private static ProcessStartInfo Nats(int port, string folder)
    {
        var server = Environment.GetEnvironmentVariable("PATH")?.Split(':').Select(p => Path.Combine(p, "nats-server")).FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException("There is no nats-server on the PATH: install nats-server, or leave Nats out.");
        var config = Path.Combine(folder, "nats.conf");
        File.WriteAllText(config, $$"""
            listen: "127.0.0.1:-1"
            log_file: "{{Path.Combine(folder, "nats.log")}}"
            websocket { listen: "127.0.0.1:{{Text(port)}}", no_tls: true }
            """);
        return new ProcessStartInfo(server) { ArgumentList = { "--config", config } };
    }

    private static string Compile(string folder)
    {
        var binary = Path.Combine(folder, "broadcaster");
        using var compiler = Process.Start("cc", ["-O2", "-o", binary, Path.Combine(Root, "bench/bare/broadcaster.c")]);
        compiler.WaitForExit();
        return compiler.ExitCode == 0 ? binary : throw new InvalidOperationException("cc could not compile bench/bare/broadcaster.c.");
    }

    private static string Built(string project, string file) => Path.Combine(Root, project, "bin/Release/net10.0", file);

    private static string Url(int port) => "http://127.0.0.1:" + Text(port);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
