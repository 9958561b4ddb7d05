using System.Runtime.InteropServices;

namespace ClusterChat.Host;

/// <summary>Takes the signals that ask a process to end.</summary>
internal sealed class SignalWatch : IDisposable
{
    private readonly PosixSignalRegistration[] _registrations;

    /// <param name="stop">Called for each of them, in place of the process's end.</param>
    public SignalWatch(Action stop)
    {
        _registrations = [.. ((PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGQUIT]).Select(s => PosixSignalRegistration.Create(s, Take))];

        void Take(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop();
        }
    }

    public void Dispose() => Array.ForEach(_registrations, r => r.Dispose());
}
