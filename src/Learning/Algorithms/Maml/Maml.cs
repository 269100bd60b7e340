using MetaMap.Learning.Algorithms.Inner;
using TorchSharp;

namespace MetaMap.Learning.Algorithms;

/// <summary>Model-agnostic meta-learning with its true second-order gradient.</summary>
/// <remarks>
/// <para>Paper: C. Finn, P. Abbeel, S. Levine. Model-Agnostic Meta-Learning for Fast Adaptation of Deep Networks.
/// ICML 2017, algorithm 1 and equation 1. The gradient is d L_query(theta_K) / d theta, through every inner step.</para>
/// <para>Deviations: inner and outer losses are means over examples, where the authors' code sums the inner loss over
/// N·K examples and divides by K (its inner rate 0.4 is 2.0 here in 5-way episodes); gradients are not clipped unless
/// asked for; the inner loop may use another optimiser than gradient descent, and is differentiated through it.</para>
/// </remarks>
/// <param name="options">Inner rate, steps, optimiser and clip; recomputation.</param>
public sealed class Maml(MamlOptions options) : IMetaAlgorithm
{
    /// <inheritdoc />
    public MetaGradient Differentiate(IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem, int iteration) =>
        InnerDifferentiation.OfLastStep(Episode(metaParameters, problem), metaParameters, options.InnerSteps, options.Recompute);

    /// <inheritdoc />
    public void Adapt(
        IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem, int innerSteps, Action<int, IAdaptedMapping> afterStep) =>
        InnerAdaptation.Run(Episode(metaParameters, problem), metaParameters, innerSteps, afterStep);

    private InnerEpisode Episode(IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem) =>
        new(problem, options.Rule(AdaptingParameters.All(metaParameters.Count)));
}
