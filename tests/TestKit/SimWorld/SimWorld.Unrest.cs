namespace ClusterChat.TestKit;

/// <content>What clients do.</content>
internal sealed partial class SimWorld
{
    private int _texts;

    private void Act(SimClient client)
    {
        if (_isPeace || client.IsDead)
        {
            return;
        }

        var room = _plan.RoomNames[Random.Next(_plan.RoomNames.Count)];
        switch (Random.Next(_plan.UnrulyClients ? 36 : 14))
        {
            case < 10:
                client.Write(room, Random.Next(1, _plan.Burst + 1), NextText);
                break;
            case 10:
                client.Type(room);
                break;
            case 11:
                client.ReadHistory(room);
                break;
            case 12:
                client.ListMembers(room);
                break;
            case 13 or 14:
                client.Enter(room);
                break;
            case 15:
                client.Leave(room);
                break;
            case 16 or 17:
                client.Rejoin(room);
                break;
            case 18:
                client.Pause(Seconds(0.01, 8));
                break;
            case 19:
                client.Sleep(Seconds(0.1, 20));
                break;
            case 20 when _clients.Count < 16:
                client.Crash(noticed: Random.Next(2) == 0);
                AddClient(Random.Next(2) == 0 ? client : null);
                break;
            case 21 when _clients.Count < 16:
                AddClient(client);
                break;
            case 22 when _clients.SelectMany(c => c.Rooms).FirstOrDefault(r => r.Room == room) is { } view:
                client.Lie(view);
                break;
            case 23:
                client.Write(room, 1, () => $"{SimStore.Poison} {++_texts}");
                break;
            case 24:
                client.Move();
                break;
        }
    }

    private string NextText() => $"text {++_texts} {new string('x', Random.Next(_plan.TextLength))}";

    private void EveryNowAndThen(TimeSpan mean, Action act)
    {
        if (mean > TimeSpan.Zero && !_isPeace)
        {
            Simulation.After(Seconds(0, 2 * mean.TotalSeconds), () =>
            {
                if (!_isPeace)
                {
                    act();
                    EveryNowAndThen(mean, act);
                }
            });
        }
    }

    private TimeSpan Seconds(double least, double most) => TimeSpan.FromSeconds(least + (Random.NextDouble() * (most - least)));
}
