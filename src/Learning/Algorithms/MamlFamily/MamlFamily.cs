using System.Collections.Immutable;
using MetaMap.Learning.Inner;
using MetaMap.Learning.Layered;
using MetaMap.Learning.Models;
using MetaMap.Learning.Problems;
using TorchSharp;

namespace MetaMap.Learning.Algorithms;

/// <summary>
/// Gradient descent on the support loss from learned weights, and the gradient of the query loss of the adapted weights. The
/// methods of the family differ in what adapts, at which rate, and in the order of the gradient.
/// </summary>
/// <remarks>
/// Deviations of all of them: inner and outer losses are means over examples, where the code of MAML's authors sums the inner
/// loss over N·K examples and divides by K (its inner rate 0.4 is 2.0 here in 5-way episodes); gradients are not clipped
/// unless asked for; where rates are not learned, the inner loop may use another optimiser than gradient descent, and is
/// differentiated through it.
/// </remarks>
/// <param name="variant">What adapts, at which rate, in which order.</param>
/// <param name="loop">Inner rate, steps, optimiser and clip; recomputation.</param>
internal sealed class MamlFamily(MamlVariant variant, InnerLoop loop) : IMetaAlgorithm, ILayeredAlgorithm
{
    /// <inheritdoc />
    public GraphExtent? SideBySide => loop.Recompute || variant.Order == InnerGraph.FirstOrder ? GraphExtent.OnePass : GraphExtent.AllPasses;

    /// <inheritdoc />
    public MetaGradient Differentiate(IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem, int iteration) =>
        InnerDifferentiation.OfLastStep(Episode(problem), metaParameters, loop.Steps, loop.Recompute, variant.Order);

    /// <inheritdoc />
    public void Adapt(
        IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem, int innerSteps, Action<int, IAdaptedMapping> afterStep) =>
        InnerAdaptation.Run(Episode(problem), metaParameters, innerSteps, afterStep);

    /// <inheritdoc />
    public LayeredInnerLoop LayeredLoop(IModel model) => new(
        loop.Steps, loop.LearningRate, [.. model.Schema.Definitions.Select(parameter => variant.Adapts is null || parameter.Role == variant.Adapts)])
    {
        LearnedRates = variant.LearnsRates ? LearnedRates.PerWeight : LearnedRates.None,
        FirstOrderIterations = variant.Order == InnerGraph.SecondOrder ? 0 : int.MaxValue,
    };

    private InnerEpisode Episode(EpisodeProblem problem)
    {
        int parameters = problem.Model.Schema.Definitions.Length;
        ImmutableArray<int> adapting = variant.Adapts is { } role ? AdaptingParameters.Of(problem.Model, role) : AdaptingParameters.All(parameters);
        return new InnerEpisode(problem, loop.Rule(adapting, problem.Tasks, variant.LearnsRates ? InnerRate.PerParameter(first: parameters) : null));
    }
}
