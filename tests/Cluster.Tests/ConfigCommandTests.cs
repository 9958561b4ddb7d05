using System.Text.Json;
using ClusterChat.Cluster.Tests.Harness;

namespace ClusterChat.Cluster.Tests;

/// <summary><c>clusterchat config</c>: what is in force, who says so, and no secret.</summary>
public sealed class ConfigCommandTests
{
    [Fact]
    public async Task Without_anything_set_all_are_defaults_and_the_file_s_values_are_those()
    {
        var all = await ReadAsync(new ToolRun("config"));

        all.Count.ShouldBeGreaterThan(60);
        all.Where(o => o.Key.StartsWith("ClusterChat:", StringComparison.Ordinal)).ShouldAllBe(o => o.Value.Source == "default");
        all["urls"].ShouldBe(("http://localhost:8080", "default"));
        all["ClusterChat:Limits:SendsPerSecond"].Value.ShouldBe("20");
        all["ClusterChat:JoinTimeout"].Value.ShouldBe("00:01:00");
        all["Logging:Console:FormatterName"].ShouldBe(("simple", "appsettings.json"));
    }

    [Fact]
    public async Task Each_value_says_where_it_comes_from_and_the_command_line_wins()
    {
        var all = await ReadAsync(new ToolRun("config", "--name", "n7", "--urls", "http://127.0.0.1:1")
        {
            Environment =
            {
                ["ClusterChat__Name"] = "n8",
                ["CLUSTERCHAT__limits__sendspersecond"] = "0.5",
                ["ClusterChat__AllowedOrigins__0"] = "https://a.example",
                ["ClusterChat__Journal__TrustFailover"] = "true",
                ["ClusterChat__JoinTimeout"] = "00:00:05",
            },
        });

        all["ClusterChat:Name"].ShouldBe(("n7", "command line"));
        all["urls"].ShouldBe(("http://127.0.0.1:1", "command line"));
        all["ClusterChat:Limits:SendsPerSecond"].ShouldBe(("0.5", "environment"));
        all["ClusterChat:AllowedOrigins"].ShouldBe(("[\"https://a.example\"]", "environment"));
        all["ClusterChat:Journal:TrustFailover"].ShouldBe(("true", "environment"));
        all["ClusterChat:JoinTimeout"].ShouldBe(("00:00:05", "environment"));
        all["ClusterChat:Data"].ShouldBe(("data", "default"));
    }

    [Theory]
    [InlineData("URLS")]
    [InlineData("ASPNETCORE_URLS")]
    public async Task The_address_may_come_from_the_framework_s_variables(string variable)
    {
        var all = await ReadAsync(new ToolRun("config") { Environment = { [variable] = "http://127.0.0.1:2" } });

        all["urls"].ShouldBe(("http://127.0.0.1:2", "environment"));
    }

    [Fact]
    public async Task A_password_is_hidden_and_the_rest_of_its_connection_string_is_not()
    {
        using var data = new DataFolder();
        var file = Path.Combine(data.Path, "postgres");
        await File.WriteAllTextAsync(file, "Host=db2;Password=shibboleth-2");
        foreach (var run in (ToolRun[])[
            new("config") { Environment = { ["ClusterChat__Postgres"] = "Host=db1;Username=chat;Password=shibboleth-1;SSL Password=shibboleth-3" } },
            new("config") { Environment = { ["ClusterChat__PostgresFile"] = file } }])
        {
            var output = await run.RunAsync();

            output.ShouldNotContain("shibboleth");
            output.ShouldContain(run.Environment.ContainsKey("ClusterChat__Postgres") ? "Host=db1;Username=chat;Password=***" : file);
        }
    }

    [Fact]
    public async Task A_password_or_a_key_in_an_address_is_hidden_where_it_is_shown_and_where_it_is_wrong()
    {
        var shown = await new ToolRun("config")
        {
            Environment =
            {
                ["ClusterChat__Telemetry__OtlpEndpoint"] = "http://user:shibboleth-1@collector:4317/x?key=shibboleth-2",
                ["Logging__Sink__Address"] = "https://shibboleth-3@sink.example",
                ["OTEL_EXPORTER_OTLP_HEADERS"] = "authorization=shibboleth-4",
            },
        }.RunAsync();
        shown.ShouldNotContain("shibboleth");
        shown.ShouldContain("\"http://***@collector:4317/x?***\"");

        foreach (var (key, value) in new[]
        {
            ("ClusterChat__Telemetry__OtlpEndpoint", "ftp://user:shibboleth@collector"), ("ClusterChat__Telemetry__OtlpEndpoint", "http://user:shibbo/leth@collector:x"),
            ("ClusterChat__Management", "http://user:shibboleth@0.0.0.0:9090/x"), ("ASPNETCORE_URLS", "ftp://user:shibboleth@host"),
            ("ClusterChat__AllowedOrigins__0", "https://user:shibboleth@chat.example"),
        })
        {
            var refused = await new ToolRun("config") { Environment = { [key] = value }, ExitCode = 2 }.RunAsync();
            refused.ShouldNotContain("shibbo", Case.Sensitive, key);
        }
    }

    [Fact]
    public async Task Wrong_options_end_it_with_2_and_are_named()
    {
        var output = await new ToolRun("config")
        {
            Environment = { ["Logging__Console__FormatterName"] = "jason", ["ClusterChat__Limits__MaxRooms"] = "7" },
            ExitCode = 2,
        }.RunAsync();

        output.ShouldContain("Logging__Console__FormatterName");
        output.ShouldContain("must be one of simple, json, systemd");
        output.ShouldNotContain("MaxRooms");
    }

    [Fact]
    public async Task Help_names_the_other_commands_and_where_the_other_options_are()
    {
        var output = await new ToolRun("--help").RunAsync();

        foreach (var word in (string[])["config", "health", "up", "--management", "appsettings.json", "ClusterChat__Limits__SendsPerSecond"])
            output.ShouldContain(word, Case.Sensitive);
    }

    private static async Task<Dictionary<string, (string? Value, string Source)>> ReadAsync(ToolRun run)
    {
        using var document = JsonDocument.Parse(await run.RunAsync());
        return document.RootElement.EnumerateObject().ToDictionary(
            p => p.Name,
            p => (Text(p.Value.GetProperty("value")), p.Value.GetProperty("source").GetString()!),
            StringComparer.Ordinal);
    }

    private static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        _ => value.GetRawText(),
    };
}
