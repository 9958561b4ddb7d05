namespace ClusterChat.Host;

/// <summary>Stops the node when its standard input ends, see <see cref="NodeOptions.EndWithInput"/>.</summary>
internal static class InputWatch
{
    public static void Start(IHostApplicationLifetime lifetime, ILogger logger)
    {
        // A thread of its own: to read from a pipe is a call that blocks.
        new Thread(() => Read(lifetime, logger)) { IsBackground = true, Name = "input" }.Start();
    }

    private static void Read(IHostApplicationLifetime lifetime, ILogger logger)
    {
        try
        {
            using var input = Console.OpenStandardInput();
            Span<byte> unused = stackalloc byte[256];
            while (input.Read(unused) > 0)
            {
            }
        }
        catch (IOException)
        {
            // An end as well.
        }

        logger.InputEnded();
        lifetime.StopApplication();
    }
}
