using System.Runtime.ExceptionServices;
using MetaMap.Core.Episodes;
using MetaMap.Core.Parameters;
using MetaMap.Core.Training;

namespace MetaMap.Learning.Evaluation;

/// <summary>
/// Measures few-shot accuracy over many episodes on several lanes, each a dedicated thread with a learner of its own.
/// The results do not depend on the number of lanes.
/// </summary>
/// <param name="createLearner">Makes the learner of one lane.</param>
/// <param name="lanes">Threads, 1 or more.</param>
public sealed class Evaluator(Func<IEpisodeLearner> createLearner, int lanes)
{
    /// <summary>Evaluates episodes 0 to <paramref name="episodes"/>-1; blocks until all are done.</summary>
    /// <param name="metaParameters">Theta.</param>
    /// <param name="episodeAt">Episode i: a pure function, called from any lane.</param>
    /// <param name="episodes">Number of episodes, 1 or more.</param>
    /// <param name="innerSteps">Inner steps per episode, 0 or more.</param>
    /// <param name="progress">Told the number of finished episodes, 1, 2, …; called from lane threads, one call at a time.</param>
    /// <param name="cancellation">Checked between episodes.</param>
    /// <exception cref="OperationCanceledException">Cancelled before the last episode.</exception>
    public AccuracySummary Evaluate(
        ParameterVector metaParameters,
        Func<int, Episode> episodeAt,
        int episodes,
        int innerSteps,
        Action<int>? progress = null,
        CancellationToken cancellation = default) =>
        AccuracySummary.Of(EvaluateEach(metaParameters, episodeAt, episodes, innerSteps, false, progress, cancellation));

    /// <summary>As <see cref="Evaluate"/>, with the measures of each episode, in order.</summary>
    /// <param name="metaParameters">Theta.</param>
    /// <param name="episodeAt">Episode i: a pure function, called from any lane.</param>
    /// <param name="episodes">Number of episodes, 1 or more.</param>
    /// <param name="innerSteps">Inner steps per episode, 0 or more.</param>
    /// <param name="everyStep">Measure after every inner step instead of after the last.</param>
    /// <param name="progress">Told the number of finished episodes, 1, 2, …; called from lane threads, one call at a time.</param>
    /// <param name="cancellation">Checked between episodes.</param>
    /// <exception cref="OperationCanceledException">Cancelled before the last episode.</exception>
    public EpisodeEvaluation[] EvaluateEach(
        ParameterVector metaParameters, Func<int, Episode> episodeAt, int episodes, int innerSteps, bool everyStep = false,
        Action<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lanes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(episodes, 1);
        var results = new EpisodeEvaluation[episodes];
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var gate = new Lock();
        int taken = 0;
        int finished = 0;
        ExceptionDispatchInfo? failure = null;

        void RunLane()
        {
            try
            {
                using IEpisodeLearner learner = createLearner();
                while (!stop.IsCancellationRequested && Interlocked.Increment(ref taken) - 1 is int i && i < episodes)
                {
                    results[i] = learner.Evaluate(metaParameters, episodeAt(i), innerSteps, everyStep);
                    lock (gate)
                    {
                        progress?.Invoke(++finished);
                    }
                }
            }
#pragma warning disable CA1031 // An exception must not end the process on a lane's thread: it goes on to the caller.
            catch (Exception error)
#pragma warning restore CA1031
            {
                lock (gate)
                {
                    failure ??= ExceptionDispatchInfo.Capture(error);
                }

                stop.Cancel();
            }
        }

        Thread[] threads = [.. Enumerable.Range(0, Math.Min(lanes, episodes)).Select(
            lane => new Thread(RunLane) { Name = $"evaluation lane {lane}", IsBackground = true })];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        failure?.Throw();
        if (finished < episodes)
        {
            cancellation.ThrowIfCancellationRequested();
        }

        return results;
    }
}
