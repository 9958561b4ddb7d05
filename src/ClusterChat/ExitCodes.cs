namespace ClusterChat.Host;

/// <summary>What the process's end says.</summary>
internal static class ExitCodes
{
    public const int Stopped = 0;
    public const int Failed = 1;
    public const int WrongOptions = 2;
}
