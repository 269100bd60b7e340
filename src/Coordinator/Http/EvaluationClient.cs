using Akka.Actor;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Http;

/// <summary>Waits for an evaluation in the name of an HTTP client, by an actor that the run watches: it ends when the client leaves, and nobody computes for it any more.</summary>
internal static class EvaluationClient
{
    /// <summary>Asks for an evaluation.</summary>
    /// <param name="system">The node's.</param>
    /// <param name="runs">The region of runs.</param>
    /// <param name="request">What to evaluate.</param>
    /// <param name="timeout">How long it may take.</param>
    /// <param name="cancellation">The client has left.</param>
    /// <exception cref="OperationCanceledException">The client has left, or the node ends.</exception>
    /// <exception cref="TimeoutException">It takes too long.</exception>
    public static async Task<object> Ask(ActorSystem system, IActorRef runs, EvaluateRun request, TimeSpan timeout, CancellationToken cancellation)
    {
        TaskCompletionSource<object> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        IActorRef client = system.ActorOf(Props.Create(() => new Waiting(runs, request, answer)));
        try
        {
            return await answer.Task.WaitAsync(timeout, cancellation).ConfigureAwait(false);
        }
        finally
        {
            system.Stop(client);
        }
    }

    private sealed class Waiting : ReceiveActor
    {
        private readonly TaskCompletionSource<object> _answer;

        public Waiting(IActorRef runs, EvaluateRun request, TaskCompletionSource<object> answer)
        {
            _answer = answer;
            ReceiveAny(message => answer.TrySetResult(message));
            runs.Tell(request);
        }

        /// <inheritdoc />
        protected override void PostStop() => _answer.TrySetCanceled();
    }
}
