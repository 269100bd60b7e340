using MetaMap.Training.Episodes;
using MetaMap.Training.Evaluation;
using MetaMap.Training.Rounds;

namespace MetaMap.Training.Loop;

/// <summary>
/// Trains without any cluster: the same pure pieces in the same order, with blocks computed on lanes. Tests compare the
/// cluster's results with it, and benchmarks the cluster's speed.
/// </summary>
public sealed class LocalMetaTrainer : IDisposable
{
    private const string Worker = "local";

    private readonly MetaTraining _training;
    private readonly ComputeLanes _lanes;
    private readonly IEpisodeLearner[] _learners;

    /// <summary>Creates a trainer.</summary>
    /// <param name="training">The run.</param>
    /// <param name="learnerFactory">Called once per lane.</param>
    /// <param name="lanes">Blocks computed at once, 1 or more; does not change the result.</param>
    public LocalMetaTrainer(MetaTraining training, Func<IEpisodeLearner> learnerFactory, int lanes)
    {
        _training = training;
        _lanes = new ComputeLanes(lanes);
        _learners = [.. Enumerable.Range(0, lanes).Select(_ => learnerFactory())];
    }

    /// <summary>Called after each measurement on the validation classes.</summary>
    public Action<MetaState, ValidationMetrics>? OnValidated { get; init; }

    /// <summary>Trains from a state until the last iteration.</summary>
    /// <param name="state">From <see cref="MetaTraining.Begin(MetaMap.Data.IEpisodeDataset)"/> or a checkpoint.</param>
    /// <param name="onCommitted">Called after each commit.</param>
    /// <param name="cancellation">Checked between blocks; the current round is dropped.</param>
    public MetaState Train(MetaState state, Action<MetaState, IterationMetrics>? onCommitted = null, CancellationToken cancellation = default)
    {
        while (!_training.IsFinished(state))
        {
            if (_training.IsValidationDue(state))
            {
                (state, ValidationMetrics measured) = _training.Validated(state, Measure(state, cancellation));
                OnValidated?.Invoke(state, measured);
                continue;
            }

            (state, IterationMetrics metrics) = _training.Step(state, ComputeRound(state, cancellation));
            onCommitted?.Invoke(state, metrics);
        }

        return state;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _lanes.Dispose();
        Array.ForEach(_learners, learner => learner.Dispose());
    }

    private EvaluationResult Measure(MetaState state, CancellationToken cancellation)
    {
        Episode[] episodes = [.. _training.ValidationBlocks().SelectMany(block => block.Episodes)];
        var results = new StepEvaluation[episodes.Length];
        _lanes.ForEach(
            results.Length,
            (lane, i) => results[i] = _learners[lane].Evaluate(state.Parameters, episodes[i], _training.Options.EvalInnerSteps).Last, cancellation);
        return EvaluationResult.Of(results, EpisodeTasks.Of([.. episodes.Select(EpisodeUnit.Of)]));
    }

    private MetaRound ComputeRound(MetaState state, CancellationToken cancellation)
    {
        MetaRound round = _training.OpenRound(state);
        var results = new BlockGradient[round.Blocks.Length];
        _lanes.ForEach(
            results.Length,
            (lane, i) => results[i] = _learners[lane].ComputeBlock(state.Parameters, round.Iteration, round.Blocks[i].Block, cancellation), cancellation);

        LeasePolicy policy = LeasePolicy.Default with { MaxFailures = 1 };
        while (MetaRoundPolicy.Lease(round, Worker, [Worker], TimeSpan.Zero, policy) is { Leased: { } leased } next)
        {
            EpisodeBlock block = leased.Block;
            var header = new BlockResultHeader(
                round.RunId, round.Iteration, block.Index, leased.Attempts, Worker, round.Parameters.Sha256, round.Layout.Digest, block.Episodes.Length);
            round = MetaRoundPolicy.Accept(next.Round, header, results[block.Index], [Worker], TimeSpan.Zero, policy).Round;
        }

        return round;
    }
}
