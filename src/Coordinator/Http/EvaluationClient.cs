using Akka.Actor;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Http;

/// <summary>Waits for an evaluation in the name of an HTTP client. The run watches it: when the client leaves, it ends, and nobody computes for it any more.</summary>
internal sealed class EvaluationClient : ReceiveActor
{
    private readonly TaskCompletionSource<object> _answer;

    /// <summary>Sends the request.</summary>
    /// <param name="runs">The region of runs.</param>
    /// <param name="request">What to evaluate.</param>
    /// <param name="answer">Receives the answer.</param>
    public EvaluationClient(IActorRef runs, EvaluateRun request, TaskCompletionSource<object> answer)
    {
        _answer = answer;
        ReceiveAny(message => answer.TrySetResult(message));
        runs.Tell(request);
    }

    /// <summary>Asks for an evaluation.</summary>
    /// <exception cref="OperationCanceledException">The client has left, or the node ends.</exception>
    /// <exception cref="TimeoutException">It takes too long.</exception>
    public static async Task<object> Ask(ActorSystem system, IActorRef runs, EvaluateRun request, TimeSpan timeout, CancellationToken cancellation)
    {
        TaskCompletionSource<object> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        IActorRef client = system.ActorOf(Props.Create(() => new EvaluationClient(runs, request, answer)));
        try
        {
            return await answer.Task.WaitAsync(timeout, cancellation).ConfigureAwait(false);
        }
        finally
        {
            system.Stop(client);
        }
    }

    /// <inheritdoc />
    protected override void PostStop() => _answer.TrySetCanceled();
}
