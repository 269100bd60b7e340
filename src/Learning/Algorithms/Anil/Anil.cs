using MetaMap.Core.Parameters;
using MetaMap.Learning.Algorithms.Inner;
using TorchSharp;

namespace MetaMap.Learning.Algorithms;

/// <summary>Almost no inner loop: only the head adapts; the body is learned by the outer loop alone, through the head's steps.</summary>
/// <remarks>
/// <para>Paper: A. Raghu, M. Raghu, S. Bengio, O. Vinyals. Rapid Learning or Feature Reuse? Towards Understanding the
/// Effectiveness of MAML. ICLR 2020, section 4 and equation 1. The gradient is of second order, for body and head.</para>
/// <para>Deviations: means in inner and outer losses, and a choice of inner optimiser (see <see cref="Maml"/>).</para>
/// </remarks>
/// <param name="options">Inner rate, steps, optimiser and clip; recomputation.</param>
public sealed class Anil(AnilOptions options) : IMetaAlgorithm
{
    /// <inheritdoc />
    public MetaGradient Differentiate(IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem, int iteration) =>
        InnerDifferentiation.OfLastStep(Episode(problem), metaParameters, options.InnerSteps, options.Recompute);

    /// <inheritdoc />
    public void Adapt(
        IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem, int innerSteps, Action<int, IAdaptedMapping> afterStep) =>
        InnerAdaptation.Run(Episode(problem), metaParameters, innerSteps, afterStep);

    private InnerEpisode Episode(EpisodeProblem problem) => new(problem, options.Rule(AdaptingParameters.Of(problem.Model, ParameterRole.Head)));
}
