using System.Net;

namespace ClusterChat.Gateway.Limits;

/// <summary>What one connection takes of the shares of its address and its user, until it is disposed of. Thread-safe.</summary>
internal sealed class ClientAllowance(string address, Share addressShare, ShareTable users, TimeProvider clock) : IDisposable
{
    private readonly Lock _gate = new();
    private Share? _user;
    private bool _disposed;

    /// <summary>From where it comes, as it is counted; see <see cref="AddressKey"/>.</summary>
    public string Address => address;

    /// <summary>From where it comes, all of it; null where that is not known.</summary>
    public IPAddress? From { get; init; }

    private long Now => (long)clock.GetElapsedTime(0).TotalMilliseconds;

    /// <summary>Now it is known whose connection it is.</summary>
    /// <returns>False: the user has as many as it may have.</returns>
    public bool TryIdentify(string user)
    {
        lock (_gate)
        {
            // It may have ended while somebody was asked who it is; then nobody would take it off the count again.
            return _disposed || (_user = users.Connect(user, Now).Share) is not null;
        }
    }

    /// <returns>0 where a message may be sent; else the milliseconds after which it may.</returns>
    public int Send(long now) => _user?.Send(now) is > 0 and var retryMs ? retryMs : addressShare.Send(now);

    public void Dispose()
    {
        lock (_gate)
        {
            if (!_disposed)
            {
                _disposed = true;
                _user?.Disconnect(Now);
                addressShare.Disconnect(Now);
            }
        }
    }
}
