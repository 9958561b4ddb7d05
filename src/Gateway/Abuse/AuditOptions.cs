namespace ClusterChat.Gateway.Abuse;

/// <summary>Whether it is kept who sent which message from where. Section <c>Audit</c> of the configuration.</summary>
public sealed class AuditOptions
{
    /// <summary>Whether it is. Addresses are personal data: nothing is kept unless somebody decides so.</summary>
    public bool Enabled { get; set; }

    /// <summary>
    /// How long. As long as a guest remains the same guest (<see cref="Identity.AuthOptions.GuestSessionAge"/>), and so can be found; a third of what MediaWiki's
    /// CheckUser keeps.
    /// </summary>
    public TimeSpan KeepFor { get; set; } = TimeSpan.FromDays(30);

    /// <summary>
    /// How many entries may wait to be written, some 300 bytes each: at 5,000 messages a second those of 6 seconds, as a restart of the database takes. What comes
    /// beyond is lost for the audit, and counted.
    /// </summary>
    public int Queued { get; set; } = 32_768;
}
