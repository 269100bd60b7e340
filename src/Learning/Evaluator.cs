using MetaMap.Core.Parameters;
using MetaMap.Training.Baselines;
using MetaMap.Training.Episodes;
using MetaMap.Training.Loop;

namespace MetaMap.Learning;

/// <summary>
/// Measures few-shot accuracy over many episodes on several lanes, each a dedicated thread with a learner of its own.
/// The results do not depend on the number of lanes.
/// </summary>
/// <param name="createLearner">Makes the learner of one lane.</param>
/// <param name="lanes">Threads, 1 or more.</param>
public sealed class Evaluator(Func<IEpisodeLearner> createLearner, int lanes)
{
    /// <summary>Evaluates episodes 0 to <paramref name="episodes"/>-1 and returns their measures in order; blocks until all are done.</summary>
    /// <param name="metaParameters">Theta.</param>
    /// <param name="episodeAt">Episode i: a pure function, called from any lane.</param>
    /// <param name="episodes">Number of episodes, 1 or more.</param>
    /// <param name="innerSteps">Inner steps per episode, 0 or more.</param>
    /// <param name="everyStep">Measure after every inner step instead of after the last.</param>
    /// <param name="baselines">Measured on the same episodes; null: none.</param>
    /// <param name="progress">Receives the number of finished episodes, 1, 2, …; called from lane threads, one call at a time.</param>
    /// <param name="cancellation">Checked between episodes.</param>
    /// <exception cref="OperationCanceledException">Cancelled before the last episode.</exception>
    public EpisodeEvaluation[] EvaluateEach(
        ParameterVector metaParameters, Func<int, Episode> episodeAt, int episodes, int innerSteps, bool everyStep = false,
        EpisodeBaselines? baselines = null, Action<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(episodes, 1);
        var results = new EpisodeEvaluation[episodes];
        var gate = new Lock();
        int finished = 0;
        using ComputeLanes threads = new(lanes);
        var learners = new IEpisodeLearner?[lanes];
        try
        {
            threads.ForEach(
                episodes,
                (lane, i) =>
                {
                    learners[lane] ??= createLearner();
                    Episode episode = episodeAt(i);
                    results[i] = learners[lane]!.Evaluate(metaParameters, episode, innerSteps, everyStep) with { Baselines = baselines?.Measure(episode) ?? [] };
                    lock (gate)
                    {
                        progress?.Invoke(++finished);
                    }
                },
                cancellation);
        }
        finally
        {
            Array.ForEach(learners, learner => learner?.Dispose());
        }

        return results;
    }
}
