namespace ClusterChat.TestKit;

/// <summary>
/// One owner a room, as the store saw it: epochs rise, each of them is one node's, and from the moment a room is opened no
/// append under an earlier epoch takes effect. So no two owners have both acked under different histories.
/// </summary>
internal sealed class OwnershipCheck(IReadOnlyList<Fact> facts, Action<string, string> report)
{
    private readonly Dictionary<string, Fact.Opened> _owners = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _heads = new(StringComparer.Ordinal);

    public void Run()
    {
        foreach (var fact in facts)
        {
            switch (fact)
            {
                case Fact.Opened opened:
                    OnOpened(opened);
                    break;
                case Fact.Appended appended:
                    OnAppended(appended);
                    break;
            }
        }
    }

    private void OnOpened(Fact.Opened opened)
    {
        if (_owners.TryGetValue(opened.Room, out var before) && opened.Epoch <= before.Epoch)
        {
            report(PromiseChecker.OneOwner, $"at {opened.At} {opened.Node} opened {opened.Room} under epoch {opened.Epoch}, after {before.Node} under {before.Epoch}");
        }

        _owners[opened.Room] = opened;
    }

    private void OnAppended(Fact.Appended appended)
    {
        var where = $"at {appended.At} {appended.Node} appended {appended.Count} to {appended.Room} after {appended.BaseSeq} under epoch {appended.Epoch}";
        if (!_owners.TryGetValue(appended.Room, out var owner) || owner.Epoch != appended.Epoch || owner.Node != appended.Node)
        {
            report(PromiseChecker.OneOwner, $"{where}, the owner is {owner?.Node} under {owner?.Epoch}");
        }

        if (_heads.GetValueOrDefault(appended.Room) != appended.BaseSeq)
        {
            report(PromiseChecker.OneOwner, $"{where}, the head was {_heads.GetValueOrDefault(appended.Room)}");
        }

        _heads[appended.Room] = appended.BaseSeq + appended.Count;
    }
}
