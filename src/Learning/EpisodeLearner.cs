using System.Collections.Immutable;
using System.Globalization;
using System.Numerics.Tensors;
using MetaMap.Core;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Learning.Algorithms;
using MetaMap.Learning.Batched;
using MetaMap.Learning.Devices;
using MetaMap.Learning.Inner;
using MetaMap.Learning.Kernels;
using MetaMap.Learning.Layered;
using MetaMap.Learning.Models;
using MetaMap.Learning.Native;
using MetaMap.Learning.Problems;
using MetaMap.Learning.Tensors;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;
using TorchSharp;

namespace MetaMap.Learning;

/// <summary>
/// A lane: float32, one libtorch thread, on the processor or a GPU. Losses are means in the inner and the outer loop: cross-entropies, or squared
/// errors for regression. Computed layer by layer on the processor it keeps its memory from call to call; else it holds no tensor between them.
/// </summary>
public sealed class EpisodeLearner : IEpisodeLearner
{
    /// <summary>Key of <see cref="Exception.Data"/> under which an error of <see cref="ComputeBlock"/> names its episode.</summary>
    public const string FailedEpisode = "episode";

    private const double GiB = 1 << 30;
    // The rest is the driver's, libtorch's, and lost between buffers.
    private const double UsableMemory = 0.85;

    private readonly IModel _model;
    private readonly IMetaAlgorithm _algorithm;
    private readonly IEpisodeDataset _dataset;
    private readonly ParameterLayout _layout;
    private readonly int _outputs;
    private readonly Loss _loss;
    private readonly ComputeDevice _device;
    private readonly LayeredMaml<float>? _layered;
    private readonly TaskMaml? _sideBySide;
    private readonly int _episodesSideBySide;
    private bool _isDisposed;

    private EpisodeLearner(RunOptions options, IEpisodeDataset dataset, KernelChooser kernels, ComputeDevice device)
    {
        TorchRuntime.Initialize();
        DatasetCatalog catalog = dataset.Catalog;
        var shape = TaskShape.Of(options, catalog);
        _outputs = shape.Outputs(options);
        ModelSpec spec = options.ModelSpec(catalog.Input, _outputs);
        // A GPU's own convolutions may add in any order; matrix products do not.
        Kernels = (options.IsBatched || device.IsSideBySide ? kernels.OfProducts : kernels).Choose(spec, BatchSizes(options));
        _model = spec.CreateModel(Kernels.Convolution);
        _algorithm = options.CreateAlgorithm(catalog);
        _dataset = dataset;
        _layout = shape.Schema(options).Layout;
        _device = device;
        _layered = device.IsSideBySide ? null : LayeredMaml<float>.Of(options, _algorithm, _model, catalog.Input, _layout);
        _sideBySide = device.IsSideBySide ? TaskMaml.Of(options, _algorithm, _model, catalog.Input, _layout, device.Torch) : null;
        _episodesSideBySide = options.EpisodesSideBySide;
        _loss = catalog.IsRegression ? Loss.MeanSquaredError : Loss.MeanCrossEntropy;
        if (_sideBySide is not null && device.MemoryBytes is { } memory)
        {
            CheckMemory(_sideBySide, EpisodeSampler.For(options, catalog).Sample(SplitPart.Train, 1, 0), memory);
        }
    }

    /// <summary>Creates a lane for a run.</summary>
    /// <param name="options">Names the algorithm and the network.</param>
    /// <param name="dataset">Where the content of the run's episodes is.</param>
    /// <exception cref="ConfigurationException">An unknown algorithm or model, data that does not fit it, or more episodes side by side than the GPU has memory for.</exception>
    /// <param name="kernels">Chooses how convolutions are computed; null for <see cref="KernelChooser.OfThisMachine"/>.</param>
    /// <param name="device">Where it computes; null for the processor.</param>
    /// <exception cref="NativeLibraryException">libtorch cannot be loaded.</exception>
    /// <exception cref="KernelException">Convolutions are wrong on this processor.</exception>
    public static EpisodeLearner Create(RunOptions options, IEpisodeDataset dataset, KernelChooser? kernels = null, ComputeDevice? device = null) =>
        new(options, dataset, kernels ?? KernelChooser.OfThisMachine, device ?? ComputeDevice.Cpu);

    /// <summary>How convolutions are computed here.</summary>
    public KernelChoice Kernels { get; }

    /// <inheritdoc />
    /// <exception cref="ArgumentException">The parameters or an episode do not fit the network.</exception>
    /// <exception cref="KernelException">The gradient is not finite because convolutions have become wrong.</exception>
    /// <exception cref="DeviceException">The GPU is out of memory, or has failed.</exception>
    public BlockGradient ComputeBlock(ParameterVector metaParameters, int iteration, EpisodeBlock block, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        TorchRuntime.UseOneThread();
        using DisposeScope scope = torch.NewDisposeScope();
        if (_sideBySide is not null)
        {
            return ComputeSideBySide(_sideBySide, Fitting(metaParameters), iteration, block, cancellation);
        }

        Func<Episode, EpisodeMetrics> add;
        Func<ParameterVector> total;
        if (_layered is null)
        {
            torch.Tensor[] theta = Leaves(metaParameters);
            torch.Tensor[] gradientSum = ParameterTensors.Zeros(_layout, _device.Torch);
            add = episode => AddGradient(theta, iteration, episode, gradientSum);
            total = () => ParameterTensors.ToVector(_layout, gradientSum);
        }
        else
        {
            _layered.Begin(Fitting(metaParameters), iteration);
            add = episode => AddLayered(_layered, Examples(episode));
            total = () => new ParameterVector(_layout, _layered.Sums<float>());
        }

        var metrics = ImmutableArray.CreateBuilder<EpisodeMetrics>(block.Episodes.Length);
        foreach (Episode episode in block.Episodes)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                metrics.Add(add(episode));
            }
            catch (Exception error) when (DeviceException.Of(error, _device, episodes: 1) is { } device)
            {
                throw device;
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                error.Data[FailedEpisode] = episode.Index;
                throw;
            }
        }

        ParameterVector sum = total();
        if (!TensorPrimitives.IsFiniteAll(sum.Values))
        {
            Kernels.Verify();
        }

        return new BlockGradient(sum, metrics.MoveToImmutable());
    }

    /// <inheritdoc />
    /// <exception cref="ArgumentException">The parameters or the episode do not fit the network.</exception>
    public EpisodeEvaluation Evaluate(ParameterVector metaParameters, Episode episode, int innerSteps, bool everyStep = false)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        TorchRuntime.UseOneThread();
        using DisposeScope scope = torch.NewDisposeScope();
        if (_layered is not null)
        {
            _layered.Begin(Fitting(metaParameters));
            return new EpisodeEvaluation(_layered.Evaluate(Examples(episode), innerSteps, everyStep));
        }

        if (_sideBySide is not null)
        {
            return EvaluateSideBySide(_sideBySide, Fitting(metaParameters), Examples(episode), innerSteps, everyStep);
        }

        EpisodeProblem problem = Load(episode);
        var steps = ImmutableArray.CreateBuilder<StepEvaluation>();
        int last = -1;
        _algorithm.Adapt(Leaves(metaParameters), problem, innerSteps, (step, mapping) =>
        {
            if (everyStep || step == innerSteps)
            {
                steps.Add(Measure(step, problem, mapping));
            }

            last = step;
        });
        return steps.Count > 0 ? new EpisodeEvaluation(steps.ToImmutable()) : throw new InvalidOperationException(
            $"The algorithm was asked for {innerSteps} inner steps and ended after {last}.");
    }

    /// <summary>Adapts to the support set and labels the query set, transductively.</summary>
    /// <returns>One label per query, class by class.</returns>
    /// <exception cref="ArgumentException">The parameters or the episode do not fit the network.</exception>
    public long[] Predict(ParameterVector metaParameters, Episode episode, int innerSteps)
    {
        TorchRuntime.UseOneThread();
        using DisposeScope scope = torch.NewDisposeScope();
        EpisodeProblem problem = Load(episode);
        long[] labels = [];
        _algorithm.Adapt(Leaves(metaParameters), problem, innerSteps, (_, mapping) =>
        {
            using DisposeScope step = torch.NewDisposeScope();
            using IDisposable noGradient = torch.no_grad();
            labels = [.. mapping.PredictTransductive(problem.Data.QueryInputs).argmax(1).data<long>()];
        });
        return labels;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _isDisposed = true;
        _layered?.Dispose();
    }

    /// <summary>The numbers of inputs that a network gets at once: a support set, a query set, both, or an inner batch.</summary>
    private static int[] BatchSizes(RunOptions options)
    {
        EpisodeShape shape = options.EpisodeShape;
        (int support, int query) = (shape.Ways * shape.Shots, shape.Ways * shape.Queries);
        return [support, query, support + query, Math.Min(options.Find<IHasInnerBatch>()?.InnerBatch ?? support, support + query)];
    }

    private static StepEvaluation Measure(int step, EpisodeProblem problem, IAdaptedMapping mapping)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable noGradient = torch.no_grad();
        torch.Tensor transductive = mapping.PredictTransductive(problem.Data.QueryInputs);
        torch.Tensor inductive = mapping.PredictInductive(problem.Data.QueryInputs);
        return new StepEvaluation(
            step,
            problem.QueryLoss(transductive).item<float>(),
            problem.Loss.AccuracyFraction(transductive, problem.Data.QueryTargets) ?? 0,
            problem.QueryLoss(inductive).item<float>(),
            problem.Loss.AccuracyFraction(inductive, problem.Data.QueryTargets) ?? 0);
    }

    private EpisodeMetrics AddGradient(torch.Tensor[] theta, int iteration, Episode episode, torch.Tensor[] gradientSum)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        EpisodeProblem problem = Load(episode);
        MetaGradient result = _algorithm.Differentiate(theta, problem, iteration);
        // Held until the sums are done: TorchSharp does not keep a scalar alive while libtorch reads it.
        using Scalar one = 1;
        for (int i = 0; i < gradientSum.Length; i++)
        {
            gradientSum[i].add_(result.Gradient[i], one);
        }

        return new EpisodeMetrics(
            result.QueryLoss.item<float>(),
            problem.Loss.AccuracyFraction(result.QueryOutputs, result.QueryTargets ?? problem.Data.QueryTargets) ?? 0);
    }

    private static EpisodeMetrics AddLayered(LayeredMaml<float> layered, EpisodeExamples examples) =>
        new(layered.Add(examples), layered.AccuracyFraction);

    private BlockGradient ComputeSideBySide(TaskMaml tasks, ParameterVector metaParameters, int iteration, EpisodeBlock block, CancellationToken cancellation)
    {
        using IDisposable noGradient = torch.no_grad();
        torch.Tensor[] theta = ParameterTensors.Leaves(metaParameters, torch.float32, _device.Torch);
        torch.Tensor[] sum = ParameterTensors.Zeros(_layout, _device.Torch);
        // Held until the sums are done: TorchSharp does not keep a scalar alive while libtorch reads it.
        using Scalar one = 1;
        var metrics = ImmutableArray.CreateBuilder<EpisodeMetrics>(block.Episodes.Length);
        foreach (Episode[] episodes in block.Episodes.Chunk(_episodesSideBySide))
        {
            cancellation.ThrowIfCancellationRequested();
            using DisposeScope scope = torch.NewDisposeScope();
            try
            {
                TaskBatch batch = tasks.Load([.. episodes.Select(Examples)]);
                (torch.Tensor[] gradient, torch.Tensor losses, torch.Tensor outputs) = tasks.Differentiate(theta, batch, iteration);
                foreach ((torch.Tensor total, torch.Tensor added) in sum.Zip(gradient))
                {
                    total.add_(added, one);
                }

                metrics.AddRange(Numbers(losses).Zip(AccuracyFractions(outputs, batch.QueryTargets), (loss, accuracy) => new EpisodeMetrics(loss, accuracy)));
            }
            catch (Exception error) when (DeviceException.Of(error, _device, episodes.Length) is { } device)
            {
                throw device;
            }
        }

        return new BlockGradient(ParameterTensors.ToVector(_layout, sum), metrics.MoveToImmutable());
    }

    private void CheckMemory(TaskMaml tasks, Episode episode, long memory)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable noGradient = torch.no_grad();
        torch.Tensor[] theta = ParameterTensors.Zeros(_layout, _device.Torch);
        long bytes = tasks.BytesPerEpisode(theta, tasks.Load([Examples(episode)]));
        long fitting = (long)(memory * UsableMemory) / bytes;
        if (fitting < _episodesSideBySide)
        {
            throw new ConfigurationException(string.Create(CultureInfo.InvariantCulture,
                $"{_episodesSideBySide} episodes side by side take about {bytes * _episodesSideBySide / GiB:0.0} GiB, and {_device.Name} has {memory / GiB:0.0} GiB: ")
                + (fitting > 0 ? $"start the run with --batching {fitting}." : "start the run with smaller episodes, or compute on the processor (--device cpu)."));
        }
    }

    private EpisodeEvaluation EvaluateSideBySide(TaskMaml tasks, ParameterVector metaParameters, EpisodeExamples examples, int innerSteps, bool everyStep)
    {
        using IDisposable noGradient = torch.no_grad();
        TaskBatch batch = tasks.Load([examples]);
        var steps = ImmutableArray.CreateBuilder<StepEvaluation>();
        tasks.Adapt(ParameterTensors.Leaves(metaParameters, torch.float32, _device.Torch), batch, innerSteps, (step, measure) =>
        {
            if (everyStep || step == innerSteps)
            {
                steps.Add(new StepEvaluation(
                    step, Numbers(measure.TransductiveLosses)[0], AccuracyFractions(measure.TransductiveOutputs, batch.QueryTargets)[0],
                    Numbers(measure.InductiveLosses)[0], AccuracyFractions(measure.InductiveOutputs, batch.QueryTargets)[0]));
            }
        });
        return new EpisodeEvaluation(steps.ToImmutable());
    }

    // [tasks]: the share of queries whose greatest output is that of their label; 0 where there are values to predict.
    private static float[] AccuracyFractions(torch.Tensor outputs, torch.Tensor targets) => targets.dtype == torch.int64
        ? Numbers(outputs.argmax(-1).eq(targets).to(torch.float32).mean([1])) : new float[outputs.shape[0]];

    private static float[] Numbers(torch.Tensor tensor) => [.. tensor.cpu().data<float>()];

    private torch.Tensor[] Leaves(ParameterVector metaParameters) => ParameterTensors.Leaves(Fitting(metaParameters), torch.float32, _device.Torch);

    private ParameterVector Fitting(ParameterVector metaParameters) => metaParameters.Layout.Equals(_layout)
        ? metaParameters
        : throw new ArgumentException(
            $"The parameters have layout {metaParameters.Layout.Digest[..8]}, but this run has {_layout.Digest[..8]}.", nameof(metaParameters));

    private EpisodeProblem Load(Episode episode) => new(_model, EpisodeTensors.Of(Examples(episode)).To(_device.Torch), _loss, episode);

    private EpisodeExamples Examples(Episode episode) => _dataset.Catalog.IsRegression || episode.Classes.Length == _outputs
        ? EpisodeExamples.Load(_dataset, episode)
        : throw new ArgumentException(
            $"Episode {episode.Index} has {episode.Classes.Length} classes, but the model has {_outputs} outputs.", nameof(episode));
}
