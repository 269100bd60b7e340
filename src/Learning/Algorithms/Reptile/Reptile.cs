using MetaMap.Learning.Inner;
using MetaMap.Learning.Problems;
using MetaMap.Learning.Tensors;
using TorchSharp;

namespace MetaMap.Learning.Algorithms;

/// <summary>Trains on each episode and moves the weights towards the result; no query gradient at all.</summary>
/// <remarks>
/// <para>Paper: A. Nichol, J. Achiam, J. Schulman. On First-Order Meta-Learning Algorithms. 2018, algorithm 2:
/// theta ← theta + epsilon · mean over episodes of (theta_K - theta). Here the gradient is theta - theta_K, so that the
/// outer optimiser <c>sgd</c> makes this very step with epsilon as its rate. What the paper calls the Reptile gradient is
/// (theta - theta_K) / a with the inner rate a: the same direction, and for K = 1 with gradient descent that of the loss.</para>
/// <para>Training uses support and query examples together, since both are examples of one task (the authors draw more
/// training than test shots for the same reason); the query measures of training are therefore on examples already seen.
/// Evaluation trains on the support set alone.</para>
/// <para>Deviations: the inner loop's Adam has the decay rates 0.9 and 0.999 (the authors set the first to 0) and starts
/// afresh with each episode; minibatches are drawn by the episode's identity alone.</para>
/// </remarks>
/// <param name="loop">Inner rate, steps, optimiser and clip.</param>
/// <param name="innerBatch">Examples per inner step, 1 or more; null for all.</param>
internal sealed class Reptile(InnerLoop loop, int? innerBatch) : IMetaAlgorithm
{
    /// <inheritdoc />
    public GraphExtent? SideBySide => GraphExtent.OnePass;

    /// <inheritdoc />
    public MetaGradient Differentiate(IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem, int iteration)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        EpisodeTensors data = problem.Data;
        MinibatchEpisode episode = Episode(
            metaParameters, problem,
            torch.cat([data.SupportInputs, data.QueryInputs], problem.ExampleDimension),
            torch.cat([data.SupportTargets, data.QueryTargets], problem.ExampleDimension));
        torch.Tensor[] state = InnerAdaptation.Descend(
            episode.Rule, metaParameters, episode.SupportLoss, loop.Steps, InnerGraph.Fresh);
        using IDisposable noGradient = torch.no_grad();
        torch.Tensor[] fast = episode.Rule.FastWeights(state);
        torch.Tensor outputs = problem.QueryOutputs(fast);
        torch.Tensor[] gradient = [.. metaParameters.Select((theta, i) => theta.sub(fast[i]).SumOverTasks(problem.Tasks))];
        return new MetaGradient(problem.QueryLoss(outputs), outputs, gradient).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void Adapt(
        IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem, int innerSteps, Action<int, IAdaptedMapping> afterStep) =>
        InnerAdaptation.Run(
            Episode(metaParameters, problem, problem.Data.SupportInputs, problem.Data.SupportTargets), metaParameters, innerSteps, afterStep);

    private MinibatchEpisode Episode(
        IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem, torch.Tensor inputs, torch.Tensor targets) =>
        new(problem, loop.Rule(AdaptingParameters.All(metaParameters.Count), problem.Tasks), inputs, targets, innerBatch);
}
