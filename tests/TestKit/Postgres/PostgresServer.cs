using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace ClusterChat.TestKit;

/// <summary>
/// A PostgreSQL server of the tests' own, on a free port of the loopback, with its data in a temporary folder.
/// </summary>
/// <remarks>
/// The server hangs on a small shell that waits for a line: the signal to end it with. When the tests' process ends,
/// however it does, the line does not come but the end of the input: the server ends too, and its data go.
/// </remarks>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string Holder = """
        "$@" </dev/null & p=$!; echo $p
        if read -r signal; then kill -s $signal $p; wait $p; else kill -s QUIT $p; wait $p; rm -rf "$ROOT"; fi
        """;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly Lazy<Task<PostgresServer>> SharedServer = new(CreateAsync);

    private readonly string _root = Directory.CreateTempSubdirectory("clusterchat-pg-").FullName;
    private readonly string _binaries = FindBinaries();
    private readonly List<string> _log = [];
    private Process? _holder;
    private int _schemas;

    /// <summary>The one that all tests share that do it no harm. It ends with the tests' process.</summary>
    public static Task<PostgresServer> Shared => SharedServer.Value;

    /// <summary>Its port; the same after a restart.</summary>
    public int Port { get; private set; }

    /// <summary>The postmaster's process id.</summary>
    public int Pid { get; private set; }

    /// <summary>As the superuser, in the default schema.</summary>
    public string ConnectionString => string.Create(
        CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={Port};Database=postgres;Username=postgres;Password=not-asked-for");

    /// <summary>The same through a socket in the file system, which is there in every network namespace.</summary>
    public string SocketConnectionString => string.Create(
        CultureInfo.InvariantCulture, $"Host={_root};Port={Port};Database=postgres;Username=postgres;Password=not-asked-for");

    private string Data => Path.Combine(_root, "data");

    /// <summary>Makes and starts a server.</summary>
    public static async Task<PostgresServer> CreateAsync()
    {
        var server = new PostgresServer();
        try
        {
            await server.InitializeAsync();
            await server.StartAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it, or starts it again. After a crash it recovers first.</summary>
    public async Task StartAsync(params string[] settings)
    {
        var started = Stopwatch.StartNew();
        while (!await TryStartAsync(settings))
        {
            if (started.Elapsed > Limit)
                throw new InvalidOperationException($"The PostgreSQL server does not start:\n{Log()}");
        }
    }

    /// <summary>Ends it with a signal: INT is its fast shutdown, KILL what it says.</summary>
    public async Task StopAsync(string signal = "INT")
    {
        if (_holder is not { } holder)
            return;
        _holder = null;
        try
        {
            await holder.StandardInput.WriteLineAsync(signal);
            await holder.StandardInput.FlushAsync();
        }
        catch (IOException)
        {
            // It has ended already.
        }

        await holder.WaitForExitAsync().WaitAsync(Limit, TimeProvider.System);
        holder.Dispose();
    }

    /// <summary>Stops (STOP) the postmaster's process or lets it go on (CONT).</summary>
    public static Task SignalAsync(string signal, int pid) => RunAsync("kill", "-s", signal, pid.ToString(CultureInfo.InvariantCulture));

    /// <summary>Makes the next start one of a standby, which can be promoted.</summary>
    public Task BecomeStandbyAsync() => RunAsServerAsync("touch", Path.Combine(Data, "standby.signal"));

    /// <summary>An empty schema of its own, as a database of its own, but made in no time.</summary>
    public async Task<string> CreateSchemaAsync()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"t{Interlocked.Increment(ref _schemas)}");
        await ExecuteAsync(ConnectionString, $"CREATE SCHEMA {name}");
        return $"{ConnectionString};Search Path={name}";
    }

    /// <summary>Runs SQL on a connection of its own.</summary>
    public static async Task ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Stops it and deletes its data.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync("QUIT");
        Directory.Delete(_root, recursive: true);
    }

    private static string FindBinaries()
    {
        var found = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql")
                .Select(folder => Path.Combine(folder, "bin"))
                .Where(bin => File.Exists(Path.Combine(bin, "initdb")))
                .OrderBy(bin => bin.Length).ThenBy(bin => bin, StringComparer.Ordinal)
                .LastOrDefault()
            : null;
        return found ?? throw new InvalidOperationException(
            "These tests need PostgreSQL's binaries: apt-get install postgresql. "
            + "CLUSTERCHAT_SKIP_POSTGRES=1 leaves them out.");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task RunAsync(string file, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(file, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Limit, TimeProvider.System);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{file} failed: {await output}{error}");
    }

    /// <summary>PostgreSQL refuses to run as root.</summary>
    private static string[] AsServer(params string[] command) => Environment.UserName == "root"
        ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", .. command]
        : command;

    private static Task RunAsServerAsync(params string[] command)
    {
        var all = AsServer(command);
        return RunAsync(all[0], all[1..]);
    }

    private async Task InitializeAsync()
    {
        Port = FreePort();
        if (Environment.UserName == "root")
            await RunAsync("chown", "postgres", _root);
        await RunAsServerAsync(
            Path.Combine(_binaries, "initdb"), "-D", Data, "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync");
    }

    private async Task<bool> TryStartAsync(string[] settings)
    {
        var ready = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var port = Port.ToString(CultureInfo.InvariantCulture);
        var command = AsServer(
            [
                Path.Combine(_binaries, "postgres"), "-D", Data, "-p", port, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=" + _root,
                "-c", "log_line_prefix=%b|", "-c", "shared_buffers=32MB", "-c", "max_connections=200", "-c", "logging_collector=off", .. settings.SelectMany(s => new[] { "-c", s }),
            ]);
        var holder = new Process
        {
            StartInfo = new ProcessStartInfo("sh", ["-c", Holder, "sh", .. command])
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = "/",
                Environment = { ["ROOT"] = _root },
            },
        };
        holder.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is not { } text)
                return;
            lock (_log)
                _log.Add(text);
            if (text.Contains("ready to accept", StringComparison.Ordinal))
                ready.TrySetResult(true);
            else if (text.StartsWith("postmaster|FATAL", StringComparison.Ordinal) || text.StartsWith("not initialized|FATAL", StringComparison.Ordinal))
                ready.TrySetResult(false);
        };
        holder.Start();
        _holder = holder;
        Pid = int.Parse((await holder.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
        holder.BeginErrorReadLine();
        if (await ready.Task.WaitAsync(Limit, TimeProvider.System))
            return true;
        await StopAsync("KILL");
        return false;
    }

    private string Log()
    {
        lock (_log)
            return string.Join('\n', _log.TakeLast(50));
    }
}
