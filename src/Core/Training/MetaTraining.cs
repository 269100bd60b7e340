using System.Numerics.Tensors;
using MetaMap.Core.Configuration;
using MetaMap.Core.Data;
using MetaMap.Core.Episodes;
using MetaMap.Core.Models;
using MetaMap.Core.Optimization;
using MetaMap.Core.Parameters;
using MetaMap.Core.Rounds;

namespace MetaMap.Core.Training;

/// <summary>
/// The mathematics of a run outside the inner loop: first state, opening a round, and committing it. The cluster's run
/// entity and <see cref="LocalMetaTrainer"/> call the same functions in the same order, which is why they agree bit
/// for bit.
/// </summary>
public sealed class MetaTraining
{
    private readonly IMetaOptimizer _optimizer;
    private readonly EpisodeSampler _sampler;
    private readonly ModelSpec _model;

    /// <summary>Checks that the options, the data and the model fit together.</summary>
    /// <exception cref="ConfigurationException">An option is out of range or names what does not exist.</exception>
    /// <exception cref="DataException">The dataset has too few classes or examples for the episodes.</exception>
    public MetaTraining(string runId, RunOptions options, DatasetCatalog catalog)
    {
        options.Validate();
        RunId = runId;
        Options = options;
        Catalog = catalog;
        _model = options.ModelSpec(catalog.Image);
        Layout = ModelCatalog.Layout(_model);
        _sampler = EpisodeSampler.For(options, catalog);
        _optimizer = MetaOptimizers.Create(options.MetaOptimizer);
    }

    /// <summary>The run.</summary>
    public string RunId { get; }

    /// <summary>What is trained.</summary>
    public RunOptions Options { get; }

    /// <summary>The data, without pixels.</summary>
    public DatasetCatalog Catalog { get; }

    /// <summary>Layout of the meta-parameters.</summary>
    public ParameterLayout Layout { get; }

    /// <summary>The state before the first iteration: a function of model and seed.</summary>
    public MetaState Begin()
    {
        ParameterVector parameters = ModelCatalog.Initialize(_model, Options.Seed);
        return new MetaState(0, parameters, _optimizer.CreateState(Layout));
    }

    /// <summary>True when all iterations are committed.</summary>
    public bool IsFinished(MetaState state) => state.Iteration >= Options.Iterations;

    /// <summary>Opens the round of the iteration after <paramref name="state"/>.</summary>
    public MetaRound OpenRound(MetaState state) => MetaRound.Open(
        RunId, state.Iteration + 1, Layout, _sampler.MetaBatch(state.Iteration + 1, Options.MetaBatch, Options.Block));

    /// <summary>
    /// Adds the blocks in block order (never arrival order), divides by the counted episodes, and updates the
    /// meta-parameters.
    /// </summary>
    /// <param name="state">The state that the round was opened from.</param>
    /// <param name="round">Complete.</param>
    /// <exception cref="DivergedException">No block counted, or the update is not finite.</exception>
    public (MetaState State, IterationMetrics Metrics) Commit(MetaState state, MetaRound round)
    {
        float[] sum = new float[Layout.Length];
        double loss = 0;
        double accuracy = 0;
        int counted = 0;
        foreach (BlockProgress block in round.Blocks)
        {
            if (block.Result is not null)
            {
                TensorPrimitives.Add(sum, block.Result.GradientSum.Values, sum);
                counted += block.Result.Episodes.Length;
                foreach (EpisodeMetrics episode in block.Result.Episodes)
                {
                    loss += episode.QueryLoss;
                    accuracy += episode.QueryAccuracyFraction;
                }
            }
        }

        if (counted == 0)
        {
            throw new DivergedException(RunId, round.Iteration, "no block gave a finite result");
        }

        TensorPrimitives.Divide(sum, counted, sum);
        (ParameterVector parameters, OptimizerState optimizer) = _optimizer.Update(
            state.Parameters, new ParameterVector(Layout, sum), state.Optimizer,
            MetaOptimizers.LearningRate(Options, round.Iteration));
        if (!TensorPrimitives.IsFiniteAll(parameters.Values)
            || optimizer.Slots.Any(slot => !TensorPrimitives.IsFiniteAll(slot.Values.Values)))
        {
            throw new DivergedException(RunId, round.Iteration, "the updated parameters or the optimiser's state are not finite");
        }

        var metrics = new IterationMetrics(
            round.Iteration, loss / counted, accuracy / counted, Norm(sum), counted,
            round.Blocks.Where(block => block.IsExcluded).Sum(block => block.Block.Episodes.Length));
        return (new MetaState(round.Iteration, parameters, optimizer), metrics);
    }

    // In float64: the squares of large finite float32 values overflow float32.
    private static double Norm(ReadOnlySpan<float> values)
    {
        double squares = 0;
        foreach (float value in values)
        {
            squares += (double)value * value;
        }

        return Math.Sqrt(squares);
    }
}

/// <summary>Training cannot go on: the last good version stays.</summary>
public sealed class DivergedException : Exception
{
    /// <summary>Creates the error.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="iteration">The iteration that could not be committed.</param>
    /// <param name="reason">Why.</param>
    public DivergedException(string runId, int iteration, string reason)
        : base($"Run {runId} diverged at iteration {iteration}: {reason}; the model of iteration {iteration - 1} is kept. Try a smaller --inner-lr or --meta-lr.")
    {
    }
}
