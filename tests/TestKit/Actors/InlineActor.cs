using ClusterChat.Actors;

namespace ClusterChat.TestKit;

/// <summary>An actor out of delegates, for tests that would otherwise need a class each.</summary>
public sealed class InlineActor<T> : Actor<T> where T : class
{
    public Action<IActorContext<T>>? Started { get; init; }

    public Action<IActorContext<T>, T>? Message { get; init; }

    public Action<IActorContext<T>>? TurnEnded { get; init; }

    public Action<IActorContext<T>>? Stopping { get; init; }

    protected internal override void OnStart() => Started?.Invoke(Context);

    protected internal override void OnMessage(T message) => Message?.Invoke(Context, message);

    protected internal override void OnTurnEnd() => TurnEnded?.Invoke(Context);

    protected internal override void OnStop() => Stopping?.Invoke(Context);
}
