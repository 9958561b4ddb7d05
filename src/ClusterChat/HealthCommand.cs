using System.CommandLine;
using System.Globalization;

namespace ClusterChat.Host;

/// <summary><c>clusterchat health</c>: asks a node that runs on this machine how it is. For containers that have no other program.</summary>
internal static class HealthCommand
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    public static Command Create()
    {
        var url = new Option<string>("--url") { Description = "What to ask, such as http://127.0.0.1:9090/healthz/ready. Default: this node's own, by the same options that it runs with." };
        var live = new Option<bool>("--live") { Description = "Whether it answers at all, rather than whether it is ready." };
        var command = new Command("health", "Asks the node of this machine whether it is ready; ends with 0 or 1.") { url, live };
        var arguments = NodeArguments.AddTo(command);
        command.SetAction((parsed, token) => RunAsync(parsed.GetValue(url), parsed.GetValue(live), arguments.Read(parsed), token));
        return command;
    }

    /// <summary>The address of a probe on this machine.</summary>
    /// <param name="configuration">What the node runs with.</param>
    /// <returns>Null where the configuration does not tell: a port that the system chooses.</returns>
    internal static Uri? AddressOf(IConfiguration configuration)
    {
        var management = configuration[$"{NodeOptions.Section}:{nameof(NodeOptions.Management)}"];
        var addresses = string.IsNullOrEmpty(management) ? configuration["urls"] ?? NodeHost.DefaultUrls : management;
        return addresses.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(OptionRules.ParseAddress)
            .OfType<BindingAddress>()
            .Where(a => a is { IsUnixPipe: false, Port: > 0 })
            .OrderBy(a => a.Scheme == "https")
            .Select(a => new Uri(string.Create(CultureInfo.InvariantCulture, $"{a.Scheme}://{Reachable(a.Host)}:{a.Port}/")))
            .FirstOrDefault();
    }

    private static string Reachable(string host) => host switch
    {
        "*" or "+" or "0.0.0.0" or "localhost" => "127.0.0.1",
        "[::]" => "[::1]",
        _ => host,
    };

    private static async Task<int> RunAsync(string? url, bool live, IReadOnlyDictionary<string, string?> settings, CancellationToken cancellationToken)
    {
        var (code, line) = await AskAsync(url, live, settings, cancellationToken);
        await (code == ExitCodes.Stopped ? Console.Out : Console.Error).WriteLineAsync(line);
        return code;
    }

    private static async Task<(int Code, string Line)> AskAsync(
        string? url, bool live, IReadOnlyDictionary<string, string?> settings, CancellationToken cancellationToken)
    {
        Uri? target = null;
        if (url is not null && (!Uri.TryCreate(url, UriKind.Absolute, out target) || target.Scheme is not ("http" or "https")))
        {
            return (ExitCodes.Failed, $"--url must be an address such as http://127.0.0.1:9090/healthz/ready, is \"{url}\"");
        }

        if (target is null)
        {
            if (AddressOf(NodeHost.CreateBuilder(settings).Configuration) is not { } address)
            {
                return (ExitCodes.Failed, "The options do not tell where the node answers; say it with --url");
            }

            target = new Uri(address, live ? "healthz/live" : "healthz/ready");
        }

        // The node is on this machine: no proxy is asked for it.
        using var handler = new SocketsHttpHandler { UseProxy = false };
        using var http = new HttpClient(handler) { Timeout = Limit };
        try
        {
            using var answer = await http.GetAsync(target, cancellationToken);
            var text = (await answer.Content.ReadAsStringAsync(cancellationToken)).ReplaceLineEndings(" ");
            var line = string.Create(CultureInfo.InvariantCulture, $"{target}: {(int)answer.StatusCode} {(text.Length > 200 ? text[..200] : text)}");
            return (answer.IsSuccessStatusCode ? ExitCodes.Stopped : ExitCodes.Failed, line);
        }
        catch (HttpRequestException error)
        {
            return (ExitCodes.Failed, $"{target}: {error.Message}");
        }
        catch (OperationCanceledException)
        {
            return (ExitCodes.Failed, string.Create(CultureInfo.InvariantCulture, $"{target}: no answer within {Limit.TotalSeconds} s"));
        }
    }
}
