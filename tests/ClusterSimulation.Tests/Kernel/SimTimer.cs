using Akka.Actor;

namespace ClusterChat.ClusterSimulation.Kernel;

/// <summary>What runs at a virtual time: in a process, or in the world itself.</summary>
internal sealed class SimTimer(SimWorld world, SimNode? node, Action action)
{
    private bool _isCancelled;
    private bool _isHeld;

    /// <summary>Fires again after this time; zero for once.</summary>
    public TimeSpan Period { get; init; }

    /// <summary>Cancels it from elsewhere.</summary>
    public ICancelable? Cancelable { get; init; }

    internal bool IsOver => _isCancelled || node is { IsKilled: true } || Cancelable is { IsCancellationRequested: true };

    public void Cancel() => _isCancelled = true;

    internal void Fire()
    {
        if (Period > TimeSpan.Zero)
            world.Arm(this, Period);
        if (node is null)
        {
            action();
            return;
        }
        // What falls due many times while the process is stopped runs once when it goes on, as with the periodic timers of .NET.
        if (_isHeld)
            return;
        _isHeld = node.IsPaused;
        node.Execute((Action)Run);
    }

    private void Run()
    {
        _isHeld = false;
        // Cancelled meanwhile: Akka's scheduler looks again right before it runs something.
        if (!IsOver)
            action();
    }
}
