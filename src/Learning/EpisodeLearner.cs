using System.Collections.Immutable;
using System.Numerics.Tensors;
using MetaMap.Core;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Learning.Algorithms;
using MetaMap.Learning.Batched;
using MetaMap.Learning.Computations;
using MetaMap.Learning.Devices;
using MetaMap.Learning.Inner;
using MetaMap.Learning.Kernels;
using MetaMap.Learning.Layered;
using MetaMap.Learning.Models;
using MetaMap.Learning.Native;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;
using TorchSharp;

namespace MetaMap.Learning;

/// <summary>
/// A lane: float32, one libtorch thread, on the processor or a GPU. Losses are means in the inner and the outer loop: cross-entropies, or squared
/// errors for regression. How it computes is an <see cref="IEpisodeComputation"/>, chosen by the run and the device.
/// </summary>
public sealed class EpisodeLearner : IEpisodeLearner
{
    /// <summary>Key of <see cref="Exception.Data"/> under which an error of <see cref="ComputeBlock"/> names its episode, where it was one.</summary>
    public const string FailedEpisode = EpisodeSource.FailedEpisode;

    private readonly ParameterLayout _layout;
    private readonly ComputeDevice _device;
    private readonly EpisodeSource _source;
    private readonly GraphComputation _graphs;
    private readonly IEpisodeComputation _computation;
    private readonly Lazy<Episode> _firstEpisode;
    private readonly double _lossUnit;
    private bool _isDisposed;

    private EpisodeLearner(RunOptions options, IEpisodeDataset dataset, KernelChooser kernels, ComputeDevice device, TaskShape shape)
    {
        TorchRuntime.Initialize();
        DatasetCatalog catalog = dataset.Catalog;
        int outputs = shape.Outputs(options);
        ModelSpec spec = options.ModelSpec(catalog.Input, outputs);
        // A GPU's own convolutions may add in any order; matrix products do not.
        Kernels = (options.IsLayered || device.IsSideBySide ? kernels.OfProducts : kernels).Choose(spec, BatchSizes(options, catalog));
        IModel model = spec.CreateModel(Kernels.Convolution);
        IMetaAlgorithm algorithm = options.CreateAlgorithm(catalog);
        _source = new EpisodeSource(options, dataset, options.Find<IHasTrainingWays>() is null ? outputs : null);
        _lossUnit = catalog.IsRegression ? catalog.SquaredErrorUnit : 1;
        (_layout, _device) = (shape.Schema(options).Layout, device);
        _graphs = new GraphComputation(algorithm, model, _source, _layout, device.Torch);
        _firstEpisode = new(() => options.SamplerFor(catalog).Sample(SplitPart.Train, 1, 0));
        _computation = device.IsSideBySide
            ? SideBySide(options, algorithm, model, catalog) is { } tasks
                ? new SideBySideComputation(tasks, _layout, device, options.EpisodesSideBySide) : _graphs
            : LayeredMaml<float>.Of(options, algorithm, model, catalog.Input, _layout) is { } layered
                ? new LayeredComputation(layered, _source, _layout) : _graphs;
    }

    /// <summary>Creates a lane for a run.</summary>
    /// <param name="options">Names the algorithm and the network.</param>
    /// <param name="dataset">Where the content of the run's episodes is.</param>
    /// <param name="kernels">Chooses how convolutions are computed; null for <see cref="KernelChooser.OfThisMachine"/>.</param>
    /// <param name="device">Where it computes; null for the processor.</param>
    /// <param name="shape">What the model was made for; null for the shape of the dataset.</param>
    /// <exception cref="ConfigurationException">An unknown algorithm or model, or data that does not fit it.</exception>
    /// <exception cref="DataException">The dataset's inputs or targets have another shape than the model was made for.</exception>
    /// <exception cref="NativeLibraryException">libtorch cannot be loaded.</exception>
    /// <exception cref="KernelException">Convolutions are wrong on this processor.</exception>
    public static EpisodeLearner Create(RunOptions options, IEpisodeDataset dataset, KernelChooser? kernels = null, ComputeDevice? device = null, TaskShape? shape = null) =>
        new(options, dataset, kernels ?? KernelChooser.OfThisMachine, device ?? ComputeDevice.Cpu, shape is { } given ? Fitting(given, dataset.Catalog) : TaskShape.Of(options, dataset.Catalog));

    /// <summary>How convolutions are computed here.</summary>
    public KernelChoice Kernels { get; }

    /// <summary>How long it has been loading the content of episodes so far.</summary>
    public TimeSpan Loading => _source.Loading;

    /// <summary>To be called before <see cref="ComputeBlock"/>: whether the device has the memory for it. Evaluation takes less.</summary>
    /// <exception cref="ConfigurationException">It has not; says which <c>--batching</c> it has.</exception>
    /// <exception cref="DeviceException">The GPU is out of memory, or has failed.</exception>
    public void RequireMemory()
    {
        if (_computation is SideBySideComputation sideBySide)
        {
            OnDevice(() =>
            {
                sideBySide.RequireMemory(_firstEpisode.Value);
                return true;
            });
        }
    }

    /// <inheritdoc />
    /// <exception cref="ArgumentException">The parameters or an episode do not fit the network.</exception>
    /// <exception cref="KernelException">The gradient is not finite because convolutions have become wrong.</exception>
    /// <exception cref="DeviceException">The GPU is out of memory, or has failed.</exception>
    public BlockGradient ComputeBlock(ParameterVector metaParameters, int iteration, EpisodeBlock block, CancellationToken cancellation) => OnDevice(() =>
    {
        BlockGradient result = _computation.Differentiate(Fitting(metaParameters), iteration, block, cancellation);
        if (!TensorPrimitives.IsFiniteAll(result.GradientSum.Values))
        {
            Kernels.Verify();
        }

        return result with { Episodes = InUnits(result.Episodes, measures => measures with { QueryLoss = (float)(_lossUnit * measures.QueryLoss) }) };
    });

    /// <inheritdoc />
    /// <exception cref="ArgumentException">The parameters or the episode do not fit the network.</exception>
    /// <exception cref="DeviceException">The GPU is out of memory, or has failed.</exception>
    public EpisodeEvaluation Evaluate(ParameterVector metaParameters, Episode episode, int innerSteps, bool everyStep = false) =>
        OnDevice(() => new EpisodeEvaluation(InUnits(
            _computation.Evaluate(Fitting(metaParameters), episode, innerSteps, everyStep).Steps,
            measures => measures with
            {
                QueryLoss = (float)(_lossUnit * measures.QueryLoss), InductiveQueryLoss = (float)(_lossUnit * measures.InductiveQueryLoss),
            })));

    /// <summary>Adapts to the support set and labels the query set, transductively.</summary>
    /// <returns>One label per query, class by class.</returns>
    /// <exception cref="ArgumentException">The parameters or the episode do not fit the network.</exception>
    /// <exception cref="DeviceException">The GPU is out of memory, or has failed.</exception>
    public long[] Predict(ParameterVector metaParameters, Episode episode, int innerSteps) =>
        OnDevice(() => _graphs.Predict(Fitting(metaParameters), episode, innerSteps));

    /// <inheritdoc />
    public void Dispose()
    {
        _isDisposed = true;
        _computation.Dispose();
    }

    private static TaskShape Fitting(TaskShape shape, DatasetCatalog catalog) => (shape.Input, shape.TargetLength) == (catalog.Input, catalog.TargetLength)
        ? shape
        : throw new DataException($"The model reads {Describe(shape.Input, shape.TargetLength)}, the data here has {Describe(catalog.Input, catalog.TargetLength)}: give data of the kind that it was trained on.");

    private static string Describe(InputShape input, int targets) => targets == 0 ? $"{input} with labels" : $"{input} with {targets} value{(targets == 1 ? "" : "s")} to predict";

    /// <summary>The numbers of inputs that a network gets at once: a support set, a query set, both, or an inner batch.</summary>
    private static int[] BatchSizes(RunOptions options, DatasetCatalog catalog)
    {
        if (options.Supervised is { } supervised)
        {
            return supervised.SliceSizes(ExampleSplit.Divide(catalog, options.Seed, options.ValidationInterval > 0));
        }

        EpisodeShape shape = options.EpisodeShape;
        EpisodeShape training = options.TrainingEpisodeShape;
        (int support, int query) = (shape.Ways * shape.Shots, shape.Ways * shape.Queries);
        return
        [
            support, query, support + query, Math.Min(options.Find<IHasInnerBatch>()?.InnerBatch ?? support, support + query),
            .. training == shape ? (int[])[] : [training.Ways * training.Shots, training.Ways * training.Queries],
        ];
    }

    private ITaskComputation? SideBySide(RunOptions options, IMetaAlgorithm algorithm, IModel model, DatasetCatalog catalog) =>
        TaskMaml.Of(options, algorithm, model, catalog.Input, _layout, _device.Torch) is { } layered
            ? new LayeredTasks(layered, _source, _device.Torch)
            : GraphTasks.Of(options, algorithm, model, _source, _graphs, _device.Torch);

    // People read losses in the units of their files.
    private ImmutableArray<T> InUnits<T>(ImmutableArray<T> measures, Func<T, T> convert) => _lossUnit == 1 ? measures : [.. measures.Select(convert)];

    private T OnDevice<T>(Func<T> compute)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        TorchRuntime.UseOneThread();
        using DisposeScope scope = torch.NewDisposeScope();
        try
        {
            return compute();
        }
        catch (Exception error) when (DeviceException.Of(error, _device, _computation.EpisodesAtOnce) is { } device)
        {
            throw device;
        }
    }

    private ParameterVector Fitting(ParameterVector metaParameters) => metaParameters.Layout.Equals(_layout)
        ? metaParameters
        : throw new ArgumentException(
            $"The parameters have layout {Digests.Abbreviate(metaParameters.Layout.Digest)}, but this run has {Digests.Abbreviate(_layout.Digest)}.", nameof(metaParameters));
}
