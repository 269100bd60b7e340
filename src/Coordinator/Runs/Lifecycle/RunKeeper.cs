using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Coordinator.Runs.Preparation;
using MetaMap.Coordinator.Stores;
using MetaMap.Core;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Runs.Lifecycle;

/// <summary>
/// Makes sure that every run whose turn it is has an owner: looks into the store every two seconds and tells the entities,
/// wherever they are in the cluster. Every coordinator has one, and all send the same. Runs deleted in the meantime are
/// removed from this node's board.
/// </summary>
internal sealed class RunKeeper : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(2);

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private bool _isLooking;

    /// <summary>Creates the actor.</summary>
    /// <param name="services">The node's services.</param>
    /// <param name="runs">The shard region of runs.</param>
    /// <param name="left">The runs to leave alone.</param>
    public RunKeeper(RunServices services, IActorRef runs, LeftRuns left)
    {
        Receive<Look>(_ =>
        {
            if (!_isLooking && !services.IsLeaving)
            {
                _isLooking = true;
                IReadOnlyCollection<RunSnapshot> before = services.Board.Runs;
                Task.Run(services.Store.List).PipeTo(Self, success: found => new Found(before, found), failure: error => new Failed(ReadableException.Describe(error)));
            }
        });
        Receive<Found>(found =>
        {
            _isLooking = false;
            services.Board.Forget(found.Before.ExceptBy(found.Runs.Select(run => run.RunId), run => run.RunId.Value));
            ImmutableArray<StoredRun> mine = left.Without(found.Runs, out ImmutableArray<string> others);
            if (!others.IsEmpty)
            {
                _log.Info("{Runs} wait in {Store}, unfinished: `metamap run resume NAME` lets one go on, --take-up all of them", string.Join(", ", others), services.Store.Location);
            }

            foreach (string runId in RunAdmission.Admitted(mine, services.Settings.MaxRuns))
            {
                runs.Tell(new CommandRun(new RunId(runId), RunCommand.TakeUp));
            }
        });
        Receive<Failed>(failed =>
        {
            _isLooking = false;
            _log.Warning("the runs cannot be looked up: {Reason}", failed.Sentence);
        });
    }

    /// <inheritdoc />
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc />
    protected override void PreStart() => Timers.StartPeriodicTimer("look", Look.Instance, TimeSpan.Zero, _interval);

    private sealed class Look
    {
        public static readonly Look Instance = new();
    }

    private sealed record Found(IReadOnlyCollection<RunSnapshot> Before, ImmutableArray<StoredRun> Runs);

    private sealed record Failed(string Sentence);
}
