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
/// <param name="options">Inner learning rate and steps.</param>
public sealed class Fomaml(FomamlOptions options) : IMetaAlgorithm
{
    /// <inheritdoc />
    public MetaGradient Differentiate(
        IReadOnlyList<torch.Tensor> metaParameters, ParameterLoss supportLoss, ParameterLoss queryLoss)
    {
        IReadOnlyList<torch.Tensor> fast = Adapt(metaParameters, supportLoss, options.InnerSteps);
        torch.Tensor loss = queryLoss(fast);
        return new MetaGradient(loss, InnerLoop.Gradient(loss, fast));
    }

    /// <inheritdoc />
    public IReadOnlyList<torch.Tensor> Adapt(
        IReadOnlyList<torch.Tensor> metaParameters, ParameterLoss supportLoss, int innerSteps) =>
        InnerLoop.Detached(metaParameters, supportLoss, options.InnerLearningRate, innerSteps);
}
