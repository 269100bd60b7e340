using MetaMap.Learning.Algorithms.Inner;
using TorchSharp;

namespace MetaMap.Learning.Algorithms;

/// <summary>First-order MAML: the query gradient at the adapted parameters, taken as if they were theta.</summary>
/// <remarks>
/// <para>Paper: C. Finn, P. Abbeel, S. Levine. Model-Agnostic Meta-Learning for Fast Adaptation of Deep Networks.
/// ICML 2017, section 5.2; named and analysed by A. Nichol, J. Achiam, J. Schulman. On First-Order Meta-Learning
/// Algorithms. 2018, section 2. The gradient is d L_query(theta_K) / d theta_K.</para>
/// <para>Deviations: inner and outer losses are means over examples (see <see cref="Maml"/>); fast weights are
/// detached between inner steps, so memory does not grow with their number.</para>
/// </remarks>
/// <param name="options">Inner rate, steps, optimiser and clip.</param>
public sealed class Fomaml(FomamlOptions options) : IMetaAlgorithm
{
    /// <inheritdoc />
    public MetaGradient Differentiate(IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem, int iteration)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        InnerEpisode episode = Episode(metaParameters, problem);
        torch.Tensor[] fast = episode.Rule.FastWeights(InnerAdaptation.Descend(
            episode.Rule, metaParameters, episode.SupportLoss, options.InnerSteps, InnerGraph.Fresh));
        torch.Tensor outputs = problem.QueryOutputs(fast);
        torch.Tensor loss = problem.QueryLoss(outputs);
        return new MetaGradient(
            loss.MoveToOuterDisposeScope(), outputs.MoveToOuterDisposeScope(),
            [.. Gradients.OrZero(loss, fast).Select(gradient => gradient.MoveToOuterDisposeScope())]);
    }

    /// <inheritdoc />
    public void Adapt(
        IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem, int innerSteps, Action<int, IAdaptedMapping> afterStep) =>
        InnerAdaptation.Run(Episode(metaParameters, problem), metaParameters, innerSteps, afterStep);

    private InnerEpisode Episode(IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem) =>
        new(problem, options.Rule(AdaptingParameters.All(metaParameters.Count)));
}
