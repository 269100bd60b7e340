using Akka.Actor;
using MetaMap.Shared.Messages;

namespace MetaMap.Worker;

/// <summary>The end of the agent's work: nothing new is begun, and what was begun is finished or given back.</summary>
public sealed partial class WorkerAgent
{
    private void BeginDraining()
    {
        Timers.Cancel("request");
        Timers.StartSingleTimer("grace", GraceIsOver.Instance, _services.Settings.Grace);
        _runs.Ids.ToList().ForEach(run => Request(run, 0));
        foreach (BlockReturned returned in _desk.ReturnWaiting("the worker leaves"))
        {
            Answer(returned);
        }

        IActorRef asker = Sender;
        Become(() => Draining(asker));
    }

    /// <summary>Takes no leases any more, and ends when the last answer has been judged or the grace is over.</summary>
    private void Draining(IActorRef asker)
    {
        void EndOnceDone()
        {
            if (_desk.IsEmpty && _gradients.Count == 0)
            {
                asker.Tell(Akka.Done.Instance);
            }
        }

        Receive<IBlockLease>(lease => Answer(_computation.Returned(lease, "the worker leaves")));
        Receive<GraceIsOver>(_ =>
        {
            foreach (BlockReturned returned in _desk.ReturnAll("the worker leaves, and the block was not done in time"))
            {
                Answer(returned);
            }

            asker.Tell(Akka.Done.Instance);
        });
        Receive<RunReady>(ready => ready.Run.Dispose());
        ReceiveAnswers(EndOnceDone);
        EndOnceDone();
    }

    private sealed record GraceIsOver
    {
        public static readonly GraceIsOver Instance = new();
    }
}

/// <summary>
/// Ask to the agent, on the same node: take no new blocks, give those back that are not begun, and finish the others
/// within the grace. Answered by <see cref="Akka.Done"/> when coordinators need nothing more of this worker.
/// </summary>
public sealed record Drain
{
    /// <summary>The message.</summary>
    public static Drain Instance { get; } = new();
}
