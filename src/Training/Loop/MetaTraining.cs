using System.Collections.Immutable;
using System.Numerics.Tensors;
using MetaMap.Core;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Training.Aggregation;
using MetaMap.Training.Baselines;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;
using MetaMap.Training.Evaluation;
using MetaMap.Training.Optimization;
using MetaMap.Training.Rounds;

namespace MetaMap.Training.Loop;

/// <summary>
/// The mathematics of a run outside the inner loop: the first state, opening a round, and the step that ends it. The cluster's run
/// entity and <see cref="LocalMetaTrainer"/> call the same functions in the same order, which is why they agree bit
/// for bit.
/// </summary>
public sealed class MetaTraining
{
    private readonly IMetaOptimizer _optimizer;
    private readonly IEpisodeSampler _sampler;
    private readonly ParameterSchema _schema;
    private readonly IBlockAggregation _aggregation;
    private readonly BlockNorms _norms;
    private readonly RunningStatistics _statistics;
    private readonly TimeProvider? _clock;

    /// <summary>Checks that the options, the data and the model fit together.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="options">Its options.</param>
    /// <param name="catalog">Its dataset's catalog.</param>
    /// <param name="clock">Measures how long things take, for information; null: nobody does.</param>
    /// <exception cref="ConfigurationException">An option is out of range or names what does not exist.</exception>
    /// <exception cref="DataException">The dataset has too few classes or examples for the episodes.</exception>
    public MetaTraining(string runId, RunOptions options, DatasetCatalog catalog, TimeProvider? clock = null)
    {
        RunId = runId;
        _clock = clock;
        Catalog = catalog;
        _sampler = options.SamplerFor(catalog);
        Data = TrainingData.Of(options, catalog);
        Options = options.WithIterationsFor(Data.TrainingExamples);
        Shape = TaskShape.Of(Options, catalog);
        _schema = Shape.Schema(Options);
        _optimizer = Options.CreateMetaOptimizer();
        _aggregation = Options.CreateAggregation();
        _norms = new BlockNorms([.. RangesOf(role => role != ParameterRole.Statistic)]);
        _statistics = new RunningStatistics(Layout, [.. RangesOf(role => role == ParameterRole.Statistic)]);
    }

    /// <summary>The run.</summary>
    public string RunId { get; }

    /// <summary>The options of the run.</summary>
    public RunOptions Options { get; }

    /// <summary>The dataset's catalog, without content.</summary>
    public DatasetCatalog Catalog { get; }

    /// <summary>What the meta-parameters depend on in the data.</summary>
    public TaskShape Shape { get; }

    /// <summary>What a model of the run is said to be trained on.</summary>
    public TrainingData Data { get; }

    /// <summary>Layout of the meta-parameters.</summary>
    public ParameterLayout Layout => _schema.Layout;

    /// <summary>Time on the clock that measures, since any moment; zero where nobody measures.</summary>
    public TimeSpan Elapsed => _clock?.GetElapsedTime(0) ?? TimeSpan.Zero;

    private bool StartsFromData => Options.Parts.Any(part => part.Part is IStartsFromData);

    /// <summary>The state before the first iteration: a function of the parts, the seed and, where a part starts from it, the data.</summary>
    /// <param name="dataset">The run's.</param>
    /// <exception cref="DataException">The run starts from parameters that are not here.</exception>
    /// <exception cref="InvalidOperationException">A part gives a value for a parameter that there is not, too few, or one that is not finite.</exception>
    public MetaState Begin(IEpisodeDataset dataset) => Options.InitSha256 is { } init
        ? throw new DataException($"Run {RunId} starts from parameters {init}, which are not here any more: start it anew with --init and their file.")
        : Begin(FirstValues(dataset));

    /// <summary>The state before the first iteration of a run that starts from given parameters.</summary>
    /// <param name="first">Of the run's layout.</param>
    public MetaState Begin(ParameterVector first) => new(0, first, _optimizer.CreateState(Layout));

    /// <summary>The first values of the parameters where none are given: a function of the parts, the seed and, where a part starts from it, the data.</summary>
    /// <param name="dataset">The run's.</param>
    /// <exception cref="InvalidOperationException">A part gives a value for a parameter that there is not, too few, or one that is not finite.</exception>
    public ParameterVector FirstValues(IEpisodeDataset dataset)
    {
        ParameterVector parameters = _schema.Initialize(Options.Seed);
        float[]? values = null;
        foreach (IStartsFromData part in Options.Parts.Select(part => part.Part).OfType<IStartsFromData>())
        {
            TrainingSet training = new(Options, dataset, Options.TrainingClasses(Catalog));
            foreach ((string name, float[] first) in part.FirstValues(Options, training))
            {
                int i = Layout.Entries.ToList().FindIndex(entry => entry.Name == name && entry.Length == first.Length && TensorPrimitives.IsFiniteAll<float>(first));
                first.CopyTo(
                    i >= 0 ? (values ??= [.. parameters.Values]).AsSpan(Layout.Offsets[i])
                        : throw new InvalidOperationException($"'{name}' is no parameter of {first.Length} values, or one of these is not finite."));
            }
        }

        return values is null ? parameters : new ParameterVector(Layout, values);
    }

    /// <summary>The state before the first iteration of a run whose parts do not start from data.</summary>
    /// <exception cref="InvalidOperationException">One does.</exception>
    public MetaState Begin() => StartsFromData
        ? throw new InvalidOperationException("A part of the run starts from data: give the dataset.")
        : new MetaState(0, _schema.Initialize(Options.Seed), _optimizer.CreateState(Layout));

    /// <summary>True when all iterations are committed, or measurements on the validation classes have not improved for too long.</summary>
    public bool IsFinished(MetaState state) =>
        !IsValidationDue(state) && (state.Iteration >= Options.Iterations || IsStoppedEarly(state));

    /// <summary>True when training stops before its last iteration.</summary>
    public bool IsStoppedEarly(MetaState state) =>
        state.Iteration < Options.Iterations && state.Selection?.IsExhausted(Options.Patience) == true;

    /// <summary>True when this version must be measured on the validation classes before the next iteration begins.</summary>
    public bool IsValidationDue(MetaState state) => Options.ValidationInterval > 0 && (state.Iteration > 0 || Options.Parts.Any(part => part.Part is IStartsNearBaseline))
        && state.Iteration % Options.ValidationInterval == 0 && state.Selection?.LastIteration != state.Iteration;

    /// <summary>The episodes of every measurement on the validation classes, always the same, cut into blocks.</summary>
    public ImmutableArray<EpisodeBlock> ValidationBlocks() => EvaluationBlocks(SplitPart.Validation, EpisodesOf(SplitPart.Validation, Options.ValidationEpisodes));

    /// <summary>Episodes of an evaluation of a part: as many as are wanted, or all that there are in a supervised run.</summary>
    /// <param name="part">The part.</param>
    /// <param name="wanted">1 or more.</param>
    public int EpisodesOf(SplitPart part, int wanted) => _sampler.EpisodesOf(part, wanted);

    /// <summary>Episodes 0 to <paramref name="episodes"/>-1 of an evaluation, cut into blocks.</summary>
    /// <param name="part">The classes to draw from.</param>
    /// <param name="episodes">1 or more.</param>
    /// <exception cref="DataException">The part has too few classes or examples.</exception>
    public ImmutableArray<EpisodeBlock> EvaluationBlocks(SplitPart part, int episodes) => EvaluationBlocks(part, 0, episodes);

    /// <summary>Some consecutive episodes of an evaluation, cut into blocks that are numbered from 0.</summary>
    /// <param name="part">The classes to draw from.</param>
    /// <param name="first">Position of the first one; a multiple of the block size, so that the blocks are those of the whole evaluation.</param>
    /// <param name="episodes">How many, 1 or more.</param>
    /// <exception cref="DataException">The part has too few classes or examples.</exception>
    public ImmutableArray<EpisodeBlock> EvaluationBlocks(SplitPart part, int first, int episodes)
    {
        _sampler.Require(part);
        return _sampler.Blocks(part, 0, first, episodes, Options.Block);
    }

    /// <summary>One training episode.</summary>
    /// <param name="iteration">From 1.</param>
    /// <param name="index">Its position in the meta-batch.</param>
    public Episode EpisodeOf(int iteration, int index) => _sampler.Sample(SplitPart.Train, iteration, index);

    /// <summary>Adds a measurement on the validation classes to the state.</summary>
    /// <param name="state">The measured state.</param>
    /// <param name="measured">Its result on <see cref="ValidationBlocks"/>.</param>
    /// <exception cref="DivergedException">The loss is not finite.</exception>
    public (MetaState State, ValidationMetrics Metrics) Validated(MetaState state, EvaluationResult measured)
    {
        double loss = measured.QueryLoss.Mean;
        if (!double.IsFinite(loss))
        {
            throw new DivergedException(RunId, state.Iteration + 1,
                $"its loss on the validation {(Catalog.IsRegression ? "tasks" : "classes")} after {measured.InnerSteps} inner steps is not finite", RateAdvice.For(Options, state.Iteration + 1));
        }

        var selection = ModelSelection.Add(
            state.Selection, state.Iteration, ModelSelection.Score(measured, Catalog.IsRegression), state.Parameters);
        return (state with { Selection = selection }, new ValidationMetrics(
            state.Iteration, loss, Catalog.IsRegression ? null : measured.TransductiveAccuracyFraction.Mean,
            measured.Episodes, selection.BestIteration));
    }

    /// <summary>Opens the round of the iteration after <paramref name="state"/>.</summary>
    public MetaRound OpenRound(MetaState state) => MetaRound.Open(
        RunId, state.Iteration + 1, state.Parameters, _sampler.Blocks(state.Iteration + 1, Options.Block));

    /// <summary>
    /// Leaves out what is in quarantine, aggregates the other blocks in block order (never arrival order), and updates
    /// the meta-parameters.
    /// </summary>
    /// <param name="state">The state that the round was opened from.</param>
    /// <param name="round">The complete round.</param>
    /// <exception cref="DivergedException">Fewer than half of the episodes count, or the update is not finite.</exception>
    public CompletedIteration Step(MetaState state, MetaRound round)
    {
        TimeSpan began = Elapsed;
        (ImmutableArray<WeighedBlock> blocks, ImmutableArray<QuarantinedBlock> quarantined) = Weigh(round);
        HashSet<int> left = [.. quarantined.Select(block => block.BlockIndex)];
        (Episode Episode, EpisodeMetrics Metrics)[] episodes =
            [.. round.Blocks.Where(block => block.Result is not null && !left.Contains(block.Block.Index)).SelectMany(block => block.Block.Episodes.Zip(block.Result!.Episodes))];
        int all = round.Blocks.Sum(block => block.Block.Episodes.Length);
        if (2 * episodes.Length < all || episodes.Length == 0)
        {
            throw new DivergedException(
                RunId, round.Iteration, $"only {episodes.Length} of {all} episodes count ({quarantined[0].Reason})",
                Advice(round, quarantined[0]), FirstNonFinite(round) ?? quarantined[0].EpisodeIndex, IsNumeric(round.Blocks[quarantined[0].BlockIndex]));
        }

        float[] mean = _aggregation.Aggregate(blocks);
        TimeSpan reduced = Elapsed;
        float[]? statistics = _statistics.Take(state.Parameters, mean);
        double norm = Norm(mean);
        if (norm > Options.MetaClip)
        {
            TensorPrimitives.Multiply(mean, (float)(Options.MetaClip.Value / norm), mean);
        }

        (ParameterVector parameters, OptimizerState optimizer) = _optimizer.Update(
            state.Parameters, new ParameterVector(Layout, mean), state.Optimizer,
            LearningRateSchedule.At(Options, round.Iteration));
        parameters = statistics is null ? parameters : _statistics.Put(parameters, statistics);
        if (!TensorPrimitives.IsFiniteAll(parameters.Values)
            || optimizer.Slots.Any(slot => !TensorPrimitives.IsFiniteAll(slot.Values.Values)))
        {
            throw new DivergedException(RunId, round.Iteration, "the updated parameters or the optimiser's state are not finite", RateAdvice.For(Options, round.Iteration), FirstNonFinite(round));
        }

        double loss = 0;
        double accuracy = 0;
        int weight = 0;
        foreach ((Episode episode, EpisodeMetrics measured) in episodes)
        {
            weight += episode.Weight;
            loss += (double)episode.Weight * measured.QueryLoss;
            accuracy += (double)episode.Weight * measured.QueryAccuracyFraction;
        }

        var metrics = new IterationMetrics(
            round.Iteration, loss / weight, Catalog.IsRegression ? null : accuracy / weight, norm, episodes.Length, all - episodes.Length);
        return new CompletedIteration(new MetaState(round.Iteration, parameters, optimizer) { Selection = state.Selection }, metrics, quarantined)
        {
            Reducing = reduced - began, Stepping = Elapsed - reduced,
        };
    }

    /// <summary>The blocks that count, clipped, and those that do not.</summary>
    private (ImmutableArray<WeighedBlock> Blocks, ImmutableArray<QuarantinedBlock> Quarantined) Weigh(MetaRound round)
    {
        BlockProgress[] counted = [.. round.Blocks.Where(block => block.Result is not null)];
        bool isMeasured = Options.OutlierFactor is not null || Options.BlockClip is not null;
        Dictionary<int, double> norms = isMeasured
            ? counted.ToDictionary(block => block.Block.Index, block => _norms.Of(block.Result!.GradientSum.Values) / block.Block.Weight) : [];
        ImmutableArray<QuarantinedBlock> outliers = Options.OutlierFactor is { } factor ? Quarantine.Outliers(round, norms, factor) : [];
        return (
            [.. counted.Where(block => outliers.All(outlier => outlier.BlockIndex != block.Block.Index)).Select(block => new WeighedBlock(
                block.Result!.GradientSum, block.Block.Weight,
                Options.BlockClip is { } clip && norms[block.Block.Index] > clip ? (float)(clip / norms[block.Block.Index]) : 1, _norms))],
            [.. Quarantine.GivenUp(round).Concat(outliers).OrderBy(block => block.BlockIndex)]);
    }

    private IEnumerable<(int Start, int Length)> RangesOf(Func<ParameterRole, bool> isWanted) =>
        from i in Enumerable.Range(0, Layout.Entries.Length)
        where isWanted(_schema.Definitions[i].Role)
        select (Layout.Offsets[i], Layout.Entries[i].Length);

    /// <summary>Advice by cause: learning rates explain only non-finite numbers, not a failed block or an outlier.</summary>
    private string Advice(MetaRound round, QuarantinedBlock quarantined) => round.Blocks[quarantined.BlockIndex] switch
    {
        { NonFiniteEpisode: not null } => RateAdvice.For(Options, round.Iteration),
        { Result: not null } => "Try a larger --outlier-factor, or smaller rates.",
        _ => "Mend what is named there, then resume the run: no rate changes it.",
    };

    private static bool IsNumeric(BlockProgress block) => block.NonFiniteEpisode is not null || block.Result is not null;

    private static int? FirstNonFinite(MetaRound round) =>
        round.Blocks.FirstOrDefault(block => block.NonFiniteEpisode is not null)?.NonFiniteEpisode;

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
