using MetaMap.Core.Parameters;
using MetaMap.Learning.Algorithms.Inner;
using TorchSharp;

namespace MetaMap.Learning.Algorithms;

/// <summary>Body only update in the inner loop: the features adapt and the head stays, so that representations must change.</summary>
/// <remarks>
/// <para>Paper: J. Oh, H. Yoo, C. Kim, S.-Y. Yun. BOIL: Towards Representation Change for Few-shot Learning. ICLR 2021,
/// section 3.2 and equation 3 (the head's inner rate is 0). The gradient is of second order, for body and head.</para>
/// <para>Deviations: means in inner and outer losses, and a choice of inner optimiser (see <see cref="Maml"/>).</para>
/// </remarks>
/// <param name="options">Inner rate, steps, optimiser and clip; recomputation.</param>
public sealed class Boil(BoilOptions options) : IMetaAlgorithm
{
    /// <inheritdoc />
    public MetaGradient Differentiate(IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem, int iteration) =>
        InnerDifferentiation.OfLastStep(Episode(problem), metaParameters, options.InnerSteps, options.Recompute);

    /// <inheritdoc />
    public void Adapt(
        IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem, int innerSteps, Action<int, IAdaptedMapping> afterStep) =>
        InnerAdaptation.Run(Episode(problem), metaParameters, innerSteps, afterStep);

    private InnerEpisode Episode(EpisodeProblem problem) => new(problem, options.Rule(AdaptingParameters.Of(problem.Model, ParameterRole.Body)));
}
