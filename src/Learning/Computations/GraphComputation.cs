using System.Collections.Immutable;
using MetaMap.Core.Parameters;
using MetaMap.Learning.Algorithms;
using MetaMap.Learning.Models;
using MetaMap.Learning.Problems;
using MetaMap.Learning.Tensors;
using MetaMap.Training.Episodes;
using TorchSharp;

namespace MetaMap.Learning.Computations;

/// <summary>Through libtorch's graphs, one episode after the other: for every algorithm and network, on any device. Holds no tensor between calls.</summary>
/// <param name="algorithm">The run's.</param>
/// <param name="model">The run's.</param>
/// <param name="source">The run's episodes.</param>
/// <param name="layout">Of all meta-parameters.</param>
/// <param name="device">Where tensors are made.</param>
internal sealed class GraphComputation(IMetaAlgorithm algorithm, IModel model, EpisodeSource source, ParameterLayout layout, torch.Device device) : IEpisodeComputation
{
    private readonly Loss _loss = source.Catalog.IsRegression ? Loss.MeanSquaredError : Loss.MeanCrossEntropy;

    /// <inheritdoc />
    public int EpisodesAtOnce => 1;

    /// <inheritdoc />
    public BlockGradient Differentiate(ParameterVector metaParameters, int iteration, EpisodeBlock block, CancellationToken cancellation)
    {
        torch.Tensor[] theta = Leaves(metaParameters);
        torch.Tensor[] sum = ParameterTensors.Zeros(layout, device);
        ImmutableArray<EpisodeMetrics> metrics = EpisodeSource.OneAfterTheOther(block, episode => Add(theta, iteration, episode, sum), cancellation);
        return new BlockGradient(ParameterTensors.ToVector(layout, sum), metrics);
    }

    /// <inheritdoc />
    public EpisodeEvaluation Evaluate(ParameterVector metaParameters, Episode episode, int innerSteps, bool everyStep)
    {
        EpisodeProblem problem = Problem(episode, source.Load(episode));
        var steps = ImmutableArray.CreateBuilder<StepEvaluation>();
        int last = -1;
        algorithm.Adapt(Leaves(metaParameters), problem, innerSteps, (step, mapping) =>
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
    public long[] Predict(ParameterVector metaParameters, Episode episode, int innerSteps)
    {
        EpisodeProblem problem = Problem(episode, source.Load(episode));
        long[] labels = [];
        algorithm.Adapt(Leaves(metaParameters), problem, innerSteps, (_, mapping) =>
        {
            using DisposeScope step = torch.NewDisposeScope();
            using IDisposable noGradient = torch.no_grad();
            labels = [.. mapping.PredictTransductive(problem.Data.QueryInputs).argmax(1).cpu().data<long>()];
        });
        return labels;
    }

    /// <inheritdoc />
    public void Dispose()
    {
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

    private EpisodeMetrics Add(torch.Tensor[] theta, int iteration, Episode episode, torch.Tensor[] sum)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        EpisodeProblem problem = Problem(episode, source.LoadForTraining(episode, iteration));
        MetaGradient result = algorithm.Differentiate(theta, problem, iteration);
        ParameterTensors.Add(sum, result.Gradient);
        return new EpisodeMetrics(
            result.QueryLoss.item<float>(),
            problem.Loss.AccuracyFraction(result.QueryOutputs, result.QueryTargets ?? problem.Data.QueryTargets) ?? 0);
    }

    private torch.Tensor[] Leaves(ParameterVector metaParameters) => ParameterTensors.Leaves(metaParameters, torch.float32, device);

    private EpisodeProblem Problem(Episode episode, EpisodeExamples examples) => new(model, EpisodeTensors.Of(examples).To(device), _loss, episode);
}
