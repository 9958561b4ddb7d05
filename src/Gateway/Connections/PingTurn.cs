namespace ClusterChat.Gateway.Connections;

/// <summary>
/// When a ping has its turn: behind what was waiting when it was asked for, and before what comes later. Not thread-safe.
/// </summary>
internal struct PingTurn
{
    private int _last;
    private bool _asked;
    private bool _isDue;

    // The lines that go out before the one that is due.
    private int _behind;

    /// <summary>Whether one waits for its turn.</summary>
    public readonly bool Waits => _asked || _isDue;

    /// <summary>Asks for a ping.</summary>
    /// <returns>Its number, from 1; one ping serves for all who ask until what was waiting is on its way.</returns>
    public int Ask()
    {
        if (!_asked)
        {
            _asked = true;
            _last++;
        }

        return _last;
    }

    /// <summary>What waits begins to go out.</summary>
    /// <param name="waiting">The lines that wait.</param>
    /// <returns>How many of them go out before the next ping.</returns>
    public int OthersGo(int waiting)
    {
        if (_asked && !_isDue)
        {
            (_isDue, _asked, _behind) = (true, false, waiting);
        }

        return _isDue ? _behind : waiting;
    }

    /// <summary>So many of them went out.</summary>
    public void Went(int lines)
    {
        if (_isDue)
        {
            _behind -= lines;
        }
    }

    /// <summary>Takes the ping whose turn it is.</summary>
    /// <param name="nothingWaits">Whether nothing is left that would have to go out before one that was just asked for.</param>
    /// <returns>Its number; 0 for none.</returns>
    public int Take(bool nothingWaits)
    {
        if (_isDue)
        {
            if (_behind > 0)
            {
                return 0;
            }

            _isDue = false;
            return _asked ? _last - 1 : _last;
        }

        if (_asked && nothingWaits)
        {
            _asked = false;
            return _last;
        }

        return 0;
    }
}
