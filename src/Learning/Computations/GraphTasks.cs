using MetaMap.Core.Parameters;
using MetaMap.Learning.Algorithms;
using MetaMap.Learning.Models;
using MetaMap.Learning.Problems;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;
using TorchSharp;

namespace MetaMap.Learning.Computations;

/// <summary>Episodes side by side in one pass through libtorch's graphs, of the sum of their losses: the algorithm as for one, over tensors that begin with the dimension of tasks.</summary>
/// <param name="algorithm">The run's.</param>
/// <param name="model">The run's.</param>
/// <param name="source">The run's episodes.</param>
/// <param name="graphs">Evaluates.</param>
/// <param name="device">Where it computes.</param>
internal sealed class GraphTasks(IMetaAlgorithm algorithm, IModel model, EpisodeSource source, GraphComputation graphs, torch.Device device) : ITaskComputation
{
    // What an episode took on the processor was 1.0 to 2.0 times what its passes held (docs/PERFORMANCE.md).
    private const int TimesItsPasses = 2;

    private readonly Loss _loss = source.Catalog.IsRegression ? Loss.MeanSquaredError : Loss.MeanCrossEntropy;

    /// <summary>The computation for a run; null where its algorithm or its network takes one episode at a time.</summary>
    /// <param name="options">The run's.</param>
    /// <param name="algorithm">The run's.</param>
    /// <param name="model">The run's.</param>
    /// <param name="source">The run's episodes.</param>
    /// <param name="graphs">Evaluates.</param>
    /// <param name="device">Where it computes.</param>
    public static GraphTasks? Of(RunOptions options, IMetaAlgorithm algorithm, IModel model, EpisodeSource source, GraphComputation graphs, torch.Device device) =>
        options.IsBatched && algorithm.SideBySide is not null && model.TakesTasks ? new(algorithm, model, source, graphs, device) : null;

    /// <inheritdoc />
    public TaskGradients Differentiate(torch.Tensor[] metaParameters, IReadOnlyList<Episode> episodes, int iteration) =>
        Differentiate(metaParameters, Problem(model, episodes, iteration), iteration);

    /// <inheritdoc />
    public long BytesPerEpisode(torch.Tensor[] metaParameters, Episode episode)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var meter = new PassMeter(model);
        // In the first iterations the loss may count after every inner step.
        const int iteration = 1;
        Differentiate(metaParameters, Problem(meter, [episode], iteration), iteration);
        long graph = algorithm.SideBySide == GraphExtent.OnePass ? meter.LargestPassBytes : meter.AllPassesBytes;
        return TimesItsPasses * graph;
    }

    /// <inheritdoc />
    public EpisodeEvaluation Evaluate(ParameterVector metaParameters, Episode episode, int innerSteps, bool everyStep) =>
        graphs.Evaluate(metaParameters, episode, innerSteps, everyStep);

    /// <inheritdoc />
    public void Dispose()
    {
    }

    private TaskGradients Differentiate(torch.Tensor[] metaParameters, EpisodeProblem problem, int iteration)
    {
        MetaGradient result = algorithm.Differentiate(metaParameters, problem, iteration);
        return new([.. result.Gradient], result.QueryLoss, result.QueryOutputs, result.QueryTargets ?? problem.Data.QueryTargets);
    }

    private EpisodeProblem Problem(IModel network, IReadOnlyList<Episode> episodes, int iteration) =>
        new(network, EpisodeTensors.Of([.. episodes.Select(episode => source.LoadForTraining(episode, iteration))]).To(device), _loss) { SideBySide = episodes };
}
