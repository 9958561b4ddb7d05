namespace ClusterChat.Actors;

/// <summary>The mailboxes of <c>actors.conf</c>, for <c>Props.WithMailbox</c>.</summary>
public static class MailboxNames
{
    /// <summary>See <see cref="SmallMailbox"/>.</summary>
    public const string Small = "clusterchat.small-mailbox";

    /// <summary>See <see cref="TurnMailbox"/>.</summary>
    public const string Turn = "clusterchat.turn-mailbox";
}
