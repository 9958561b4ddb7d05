using System.Globalization;
using ClusterChat.Cluster.Tests.Harness;

namespace ClusterChat.Cluster.Tests;

/// <summary>A node that cannot run says why, without a stack trace, and ends with a code that tells whose fault it is.</summary>
public sealed class StartTests
{
    private const int Failed = 1;
    private const int WrongOptions = 2;

    [Fact]
    public async Task A_port_in_use_fails_and_names_the_address()
    {
        using var data = new DataFolder();
        using var holder = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        holder.Start();
        var port = ((System.Net.IPEndPoint)holder.LocalEndpoint).Port;

        await ShouldFailAsync(new NodeOptions { Data = data.Path, Port = port }, Failed, port.ToString(CultureInfo.InvariantCulture), "in use");
    }

    [Fact]
    public async Task A_data_folder_that_cannot_be_made_fails_and_names_it()
    {
        using var data = new DataFolder();
        var file = Path.Combine(data.Path, "a-file");
        await File.WriteAllTextAsync(file, "in the way");
        var folder = Path.Combine(file, "data");

        await ShouldFailAsync(new NodeOptions { Data = folder }, Failed, folder);
    }

    [Fact]
    public async Task A_data_folder_that_cannot_be_written_fails_and_names_it()
    {
        // A folder that refuses even the superuser, under which tests may run.
        const string Folder = "/proc/self/clusterchat";
        if (!OperatingSystem.IsLinux())
            return;

        await ShouldFailAsync(new NodeOptions { Data = Folder }, Failed, Folder);
    }

    [Theory]
    [InlineData("journal.db")]
    [InlineData("cluster.db")]
    public async Task A_file_that_is_no_database_fails_names_it_and_is_left_alone(string file)
    {
        using var data = new DataFolder();
        var path = Path.Combine(data.Path, file);
        var content = string.Concat(Enumerable.Repeat("this is no database. ", 500));
        await File.WriteAllTextAsync(path, content);

        await ShouldFailAsync(new NodeOptions { Data = data.Path }, Failed, path, "no SQLite database");

        (await File.ReadAllTextAsync(path)).ShouldBe(content);
    }

    [Fact]
    public async Task A_database_whose_pages_are_damaged_fails_and_names_it()
    {
        using var data = new DataFolder();
        await using (var node = await NodeProcess.StartAsync(new NodeOptions { Data = data.Path }))
        {
            node.Terminate();
            (await node.ExitAsync()).ShouldBe(0);
        }

        var path = Path.Combine(data.Path, "journal.db");
        await using (var file = File.OpenWrite(path))
        {
            // Behind the header: the schema's own page.
            file.Position = 100;
            await file.WriteAsync(Enumerable.Repeat((byte)0xA5, 4096 - 100).ToArray());
        }

        await ShouldFailAsync(new NodeOptions { Data = data.Path }, Failed, path, "damaged");
    }

    [Theory]
    [InlineData("Limits:SendsPerSecond", "fast", "must be a number")]
    [InlineData("Limits:SendsPerSecond", "-1", "must be 0 or above")]
    [InlineData("Limits:SendsPerSecond", "NaN", "must be 0 or above")]
    [InlineData("Limits:MaxConnections", "0", "must be a whole number above 0")]
    [InlineData("Limits:MaxConnections", "99999999999", "must be a number")]
    [InlineData("Limits:MaxTextBytes", "1.5", "must be a number")]
    [InlineData("Limits:HelloTimeout", "soon", "must be a time")]
    [InlineData("Limits:HelloTimeout", "-00:00:01", "must be a time above 0")]
    [InlineData("Limits:DrainGrace", "00:00:00", "must be a time above 0")]
    [InlineData("Limits:NoSuchLimit", "1", "there is no such option")]
    [InlineData("Proxy:Networks:0", "10.0.0.0/99", "must be a network")]
    [InlineData("Admin:Keys:0", "ops:1234", "must be a name and a SHA-256 hash")]
    [InlineData("Auth:Mode", "open", "must be guest or jwt")]
    [InlineData("Auth:Jwt:Secret", "short", "needs Mode")]
    [InlineData("AllowedOrigins:0", "*", "is no origin: without any entry")]
    [InlineData("AllowedOrigins:0", "null", "is no origin: any page can")]
    [InlineData("AllowedOrigins:0", "https://*.chat.example", "must be an origin")]
    [InlineData("AllowedOrigins:0", "chat.example", "must be an origin")]
    [InlineData("AllowedOrigins:0", "https://chat.example/app", "must be an origin")]
    [InlineData("AllowedOrigins:0", "https://ann:pw@chat.example", "must be an origin")]
    [InlineData("Auth:GuestSessionAge", "00:00:00", "must be a time above 0")]
    [InlineData("NoSuchSection:Limit", "1", "there is no such option")]
    public async Task A_wrong_option_is_named_with_its_environment_variable(string key, string value, string why)
    {
        using var data = new DataFolder();

        await ShouldFailAsync(
            new NodeOptions { Data = data.Path }.With(key, value),
            WrongOptions,
            "ClusterChat:" + key[..key.LastIndexOf(':')],
            "ClusterChat__" + (key.StartsWith("NoSuch", StringComparison.Ordinal) ? "NoSuchSection" : key.Replace(":", "__", StringComparison.Ordinal)),
            why);
    }

    [Fact]
    public async Task A_name_that_is_too_long_is_named_with_its_environment_variable()
    {
        using var data = new DataFolder();

        await ShouldFailAsync(new NodeOptions { Data = data.Path, Name = new string('n', 65) }, WrongOptions, "ClusterChat:Name", "ClusterChat__Name");
    }

    [Theory]
    [InlineData("--no-such-option")]
    [InlineData("stray")]
    public async Task An_unknown_argument_is_named(string argument)
    {
        using var data = new DataFolder();

        await ShouldFailAsync(new NodeOptions { Data = data.Path, Arguments = [argument] }, WrongOptions, argument);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("http://127.0.0.1:99999")]
    [InlineData("http://127.0.0.1:-1")]
    [InlineData("ftp://127.0.0.1:0")]
    public async Task An_address_that_is_none_fails_and_names_it(string address)
    {
        using var data = new DataFolder();

        await ShouldFailAsync(new NodeOptions { Data = data.Path, Urls = address }, WrongOptions, "urls", "ASPNETCORE_URLS", address);
    }

    private static async Task ShouldFailAsync(NodeOptions options, int code, params string[] words)
    {
        await using var node = NodeProcess.StartFailing(options);

        (await node.ExitAsync()).ShouldBe(code, node.Output);

        foreach (var word in words)
            node.Output.ShouldContain(word, Case.Sensitive);
        node.Output.ShouldNotContain("   at ", Case.Sensitive, "a stack trace helps nobody here");
        node.Output.ShouldNotContain("Unhandled exception");
    }
}
