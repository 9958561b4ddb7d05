namespace ClusterChat.Bench;

/// <summary>What to put on the server.</summary>
/// <param name="Rooms">How many rooms.</param>
/// <param name="Members">Members of each; one of them publishes.</param>
/// <param name="Window">Closed loop: unacked messages of each publisher.</param>
/// <param name="Rate">Open loop: messages a second over all rooms; 0 for the closed loop.</param>
/// <param name="Time">How long to measure.</param>
/// <param name="WarmUp">How long before: at low rates the runtime takes its time to compile what is used.</param>
/// <param name="TextBytes">The length of a message's text.</param>
/// <param name="Memory">Rooms without a journal.</param>
internal sealed record Load(int Rooms, int Members, int Window, int Rate, TimeSpan Time, TimeSpan WarmUp, int TextBytes, bool Memory)
{
    public string RoomName(int index) => (Memory ? "mem:" : "room:") + index.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
