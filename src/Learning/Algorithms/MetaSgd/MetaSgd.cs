using MetaMap.Learning.Algorithms.Inner;
using TorchSharp;

namespace MetaMap.Learning.Algorithms;

/// <summary>MAML that learns a rate for every single weight: direction and length of the inner step are learned with where it begins.</summary>
/// <remarks>
/// <para>Paper: Z. Li, F. Zhou, F. Chen, H. Li. Meta-SGD: Learning to Learn Quickly for Few-Shot Learning. 2017,
/// equation 4 and algorithm 1: theta' = theta - alpha ∘ grad L_support(theta), one step. With one step the gradient of
/// alpha is -grad L_support(theta) ∘ grad L_query(theta').</para>
/// <para>Meta-parameters: the network's, then <c>rate.…</c> of the shape of each.</para>
/// <para>Deviations: all rates begin with one value, where the paper draws them from 0.005 to 0.1; means in inner and outer
/// losses (see <see cref="Maml"/>); more steps than one take the same rates.</para>
/// </remarks>
/// <param name="options">Inner steps and clip; recomputation.</param>
public sealed class MetaSgd(MetaSgdOptions options) : IMetaAlgorithm
{
    /// <inheritdoc />
    public MetaGradient Differentiate(IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem, int iteration) =>
        InnerDifferentiation.OfLastStep(Episode(problem), metaParameters, options.InnerSteps, options.Recompute);

    /// <inheritdoc />
    public void Adapt(
        IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem, int innerSteps, Action<int, IAdaptedMapping> afterStep) =>
        InnerAdaptation.Run(Episode(problem), metaParameters, innerSteps, afterStep);

    private InnerEpisode Episode(EpisodeProblem problem)
    {
        int parameters = problem.Model.Schema.Definitions.Length;
        return new InnerEpisode(problem, new InnerRule(
            AdaptingParameters.All(parameters), InnerOptimizer.Sgd, InnerRate.PerParameter(first: parameters), options.InnerClip));
    }
}
