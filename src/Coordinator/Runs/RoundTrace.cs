using System.Diagnostics;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Coordinator.Runs.Machine;
using MetaMap.Shared.Hosting;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Runs;

/// <summary>Spans of a run's iterations, told when they are over. Owned by one actor.</summary>
/// <param name="time">Clock.</param>
internal sealed class RoundTrace(TimeProvider time)
{
    private DateTimeOffset _began = time.GetUtcNow();
    private IterationTimes _before;

    /// <summary>The run has taken a step: where that ended an iteration, its spans are told.</summary>
    public void After(RunState earlier, RunState now)
    {
        if (now.Progress.State.Iteration == earlier.Progress.State.Iteration)
        {
            return;
        }

        DateTimeOffset ended = time.GetUtcNow();
        IterationTimes took = now.Progress.Counters.Times - _before;
        RoundId round = new(RoundKind.Iteration, now.Progress.State.Iteration);
        Tell("iteration", now, round, _began, ended);
        foreach ((string part, double seconds) in new[] { ("sample", took.Sample), ("step", took.Step), ("reduce", took.Reduce), ("gradient", took.Gradient) })
        {
            // They follow each other at the end of the iteration, the last one first here.
            DateTimeOffset from = ended - TimeSpan.FromSeconds(seconds);
            Tell(part, now, round, from, ended);
            ended = from;
        }

        (_began, _before) = (time.GetUtcNow(), now.Progress.Counters.Times);
    }

    private static void Tell(string what, RunState run, RoundId round, DateTimeOffset began, DateTimeOffset ended)
    {
        using Activity? span = Tracing.Begin(what, run.Setup.RunId, round, began);
        span?.SetEndTime(ended.UtcDateTime);
    }
}
