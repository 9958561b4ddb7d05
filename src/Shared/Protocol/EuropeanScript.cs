namespace ClusterChat.Protocol;

/// <summary>The scripts whose letters pass for each other's.</summary>
[Flags]
internal enum EuropeanScript
{
    None = 0,
    Latin = 1,
    Greek = 2,
    Cyrillic = 4,
}
