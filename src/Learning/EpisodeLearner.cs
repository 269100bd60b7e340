using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Core.Configuration;
using MetaMap.Core.Data;
using MetaMap.Core.Episodes;
using MetaMap.Core.Parameters;
using MetaMap.Core.Training;
using MetaMap.Learning.Algorithms;
using MetaMap.Learning.Models;
using MetaMap.Learning.Native;
using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace MetaMap.Learning;

/// <summary>
/// A lane on the CPU: float32, one libtorch thread. Losses are mean cross-entropies in the inner and the outer loop.
/// Holds no tensor between calls.
/// </summary>
public sealed class EpisodeLearner : IEpisodeLearner
{
    private readonly IModel _model;
    private readonly IMetaAlgorithm _algorithm;
    private readonly IEpisodeDataset _dataset;

    internal EpisodeLearner(IModel model, IMetaAlgorithm algorithm, IEpisodeDataset dataset)
    {
        TorchRuntime.Initialize();
        _model = model;
        _algorithm = algorithm;
        _dataset = dataset;
    }

    /// <summary>Creates a lane for a run.</summary>
    /// <param name="options">Names the algorithm and the network.</param>
    /// <param name="dataset">Where the images of the run's episodes are.</param>
    /// <exception cref="ConfigurationException">An unknown algorithm or model, or images too small for the model.</exception>
    /// <exception cref="NativeLibraryException">libtorch cannot be loaded.</exception>
    public static EpisodeLearner Create(RunOptions options, IEpisodeDataset dataset) => new(
        ModelFactory.Create(options.ModelSpec(dataset.Catalog.Image)), MetaAlgorithmFactory.Create(options), dataset);

    /// <inheritdoc />
    /// <exception cref="ArgumentException">The parameters or an episode do not fit the network.</exception>
    public BlockGradient ComputeBlock(ParameterVector metaParameters, EpisodeBlock block, CancellationToken cancellation)
    {
        TorchRuntime.UseOneThread();
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor[] theta = Leaves(metaParameters);
        torch.Tensor[] gradientSum = ParameterTensors.Zeros(_model.Layout);
        var metrics = ImmutableArray.CreateBuilder<EpisodeMetrics>(block.Episodes.Length);
        foreach (Episode episode in block.Episodes)
        {
            cancellation.ThrowIfCancellationRequested();
            metrics.Add(AddGradient(theta, episode, gradientSum));
        }

        return new BlockGradient(ParameterTensors.ToVector(_model.Layout, gradientSum), metrics.MoveToImmutable());
    }

    /// <inheritdoc />
    /// <exception cref="ArgumentException">The parameters or the episode do not fit the network.</exception>
    public EpisodeEvaluation Evaluate(ParameterVector metaParameters, Episode episode, int innerSteps)
    {
        TorchRuntime.UseOneThread();
        using DisposeScope scope = torch.NewDisposeScope();
        EpisodeTensors data = Load(episode);
        IReadOnlyList<torch.Tensor> fast = _algorithm.Adapt(Leaves(metaParameters), SupportLoss(data), innerSteps);

        using IDisposable noGradient = torch.no_grad();
        torch.Tensor transductive = _model.Forward(fast, data.QueryImages, BatchStatistics.OfBatch);
        var supportStatistics = new CollectedStatistics();
        _model.Forward(fast, data.SupportImages, supportStatistics);
        torch.Tensor inductive = _model.Forward(fast, data.QueryImages, supportStatistics.Fixed);
        return new EpisodeEvaluation(
            F.cross_entropy(transductive, data.QueryLabels).item<float>(),
            AccuracyFraction(transductive, data.QueryLabels),
            AccuracyFraction(inductive, data.QueryLabels));
    }

    /// <summary>Nothing is held between calls, so nothing is released.</summary>
    public void Dispose() { }

    private EpisodeMetrics AddGradient(torch.Tensor[] theta, Episode episode, torch.Tensor[] gradientSum)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        EpisodeTensors data = Load(episode);
        torch.Tensor logits = null!;
        MetaGradient result = _algorithm.Differentiate(theta, SupportLoss(data), fast =>
        {
            logits = _model.Forward(fast, data.QueryImages, BatchStatistics.OfBatch);
            return F.cross_entropy(logits, data.QueryLabels);
        });
        // Held until the sums are done: TorchSharp itself does not keep a number alive while libtorch reads it.
        using Scalar one = 1;
        for (int i = 0; i < gradientSum.Length; i++)
        {
            gradientSum[i].add_(result.Gradient[i], one);
        }

        return new EpisodeMetrics(result.QueryLoss.item<float>(), AccuracyFraction(logits, data.QueryLabels));
    }

    private ParameterLoss SupportLoss(EpisodeTensors data) => parameters =>
        F.cross_entropy(_model.Forward(parameters, data.SupportImages, BatchStatistics.OfBatch), data.SupportLabels);

    private static float AccuracyFraction(torch.Tensor logits, torch.Tensor labels) =>
        logits.argmax(1).eq(labels).to(torch.float32).mean().item<float>();

    private torch.Tensor[] Leaves(ParameterVector metaParameters)
    {
        if (!metaParameters.Layout.Equals(_model.Layout))
        {
            throw new ArgumentException(
                $"The parameters have layout {metaParameters.Layout.Digest[..8]}, but the model of this run has "
                + $"{_model.Layout.Digest[..8]}.", nameof(metaParameters));
        }

        return ParameterTensors.Leaves(metaParameters);
    }

    private EpisodeTensors Load(Episode episode)
    {
        int ways = _model.Layout.Entries[^1].Length;
        if (episode.Classes.Length != ways)
        {
            throw new ArgumentException(
                $"Episode {episode.Index} has {episode.Classes.Length} classes, but the model has {ways} outputs.", nameof(episode));
        }

        return EpisodeTensors.Load(_dataset, episode);
    }
}
