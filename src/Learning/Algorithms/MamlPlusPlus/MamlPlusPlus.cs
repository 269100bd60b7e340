using MetaMap.Learning.Inner;
using MetaMap.Learning.Layered;
using MetaMap.Learning.Models;
using MetaMap.Learning.Problems;
using TorchSharp;

namespace MetaMap.Learning.Algorithms;

/// <summary>
/// MAML++: learned rates for every layer and inner step, the loss after every inner step at the beginning of training,
/// first order before second, and batch norm with its own scale, shift and running statistics at every inner step.
/// </summary>
/// <remarks>
/// <para>Paper: A. Antoniou, H. Edwards, A. Storkey. How to train your MAML. ICLR 2019, section 4 (its cosine of the
/// outer rate is the option of every algorithm).</para>
/// <para>Meta-parameters: the network's, with scale and shift of batch norm [steps + 1, channels], which do not adapt;
/// <c>rate.…</c> [steps] for each of the others, one per tensor; <c>norm….mean</c> and <c>norm….variance</c>
/// [steps + 1, channels], running means of the statistics of the support set before each step and of the query set after the last.</para>
/// <para>Deviations: after k steps the query set uses batch norm k, where the authors' code uses k-1, so there is one more;
/// training normalises by the batch, as theirs does; running statistics are used for inductive prediction only, and
/// steps beyond those of training use the last rates and statistics; the schedule is that of <see cref="MultiStepWeights"/>;
/// in first order the gradients of the support loss are constants, and rates are still learned.</para>
/// </remarks>
/// <param name="loop">Inner steps, 1 or more (the paper takes 5), and clip; recomputation.</param>
/// <param name="multiStepIterations">Meta-iterations over which the loss after every inner step counts, 0 for none; the paper takes 5,000.</param>
/// <param name="firstOrderIterations">Meta-iterations of first order before those of second order, 0 or more.</param>
internal sealed class MamlPlusPlus(InnerLoop loop, int multiStepIterations = 0, int firstOrderIterations = 0) : IMetaAlgorithm, ILayeredAlgorithm
{
    /// <inheritdoc />
    public GraphExtent? SideBySide => loop.Recompute ? GraphExtent.OnePass : GraphExtent.AllPasses;

    /// <inheritdoc />
    public MetaGradient Differentiate(IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem, int iteration)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var layout = new PerStepLayout(problem.Model);
        using var observed = new ObservedStatistics(layout);
        MetaGradient result = InnerDifferentiation.OfSteps(
            Episode(problem, layout, observed), layout.WithConstantStatistics(metaParameters),
            iteration <= firstOrderIterations ? InnerGraph.FirstOrder : InnerGraph.SecondOrder,
            MultiStepWeights.At(iteration, loop.Steps, multiStepIterations), loop.Recompute);
        torch.Tensor[] gradient = [.. result.Gradient];
        for (int layer = 0; layer < layout.NormLayers; layer++)
        {
            (gradient[layout.Mean(layer)], gradient[layout.Mean(layer) + 1]) = observed.Differences(metaParameters, layer, problem.Tasks);
        }

        return (result with { Gradient = gradient }).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void Adapt(
        IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem, int innerSteps, Action<int, IAdaptedMapping> afterStep) =>
        InnerAdaptation.Run(Episode(problem, new PerStepLayout(problem.Model), null), metaParameters, innerSteps, afterStep);

    /// <inheritdoc />
    public LayeredInnerLoop LayeredLoop(IModel model)
    {
        var layout = new PerStepLayout(model);
        return new(loop.Steps, loop.LearningRate, [.. Enumerable.Range(0, layout.FirstRate).Select(layout.Adapting.Contains)])
        {
            LearnedRates = LearnedRates.PerStep,
            FirstOrderIterations = firstOrderIterations,
            StepWeights = iteration => MultiStepWeights.At(iteration, loop.Steps, multiStepIterations),
            RunningMeans = layout.RunningMeans(((ILayeredModel)model).Layers),
        };
    }

    private PerStepEpisode Episode(EpisodeProblem problem, PerStepLayout layout, ObservedStatistics? observed) => new(
        problem, layout, loop.Rule(layout.Adapting, problem.Tasks, InnerRate.PerStep(layout.FirstRate)), loop.Steps, observed);
}
