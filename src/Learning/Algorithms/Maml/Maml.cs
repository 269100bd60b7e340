using TorchSharp;

namespace MetaMap.Learning.Algorithms;

/// <summary>Model-agnostic meta-learning with its true second-order gradient.</summary>
/// <remarks>
/// <para>Paper: C. Finn, P. Abbeel, S. Levine. Model-Agnostic Meta-Learning for Fast Adaptation of Deep Networks.
/// ICML 2017, algorithm 1 and equation 1. The gradient is d L_query(theta_K) / d theta, through every inner step.</para>
/// <para>Deviations: inner and outer losses are means over examples, where the authors' code sums the inner loss over
/// N·K examples and divides by K (its inner rate 0.4 is 2.0 here in 5-way episodes); gradients are not clipped.</para>
/// </remarks>
/// <param name="options">Inner learning rate and steps.</param>
public sealed class Maml(MamlOptions options) : IMetaAlgorithm
{
    /// <inheritdoc />
    public MetaGradient Differentiate(
        IReadOnlyList<torch.Tensor> metaParameters, ParameterLoss supportLoss, ParameterLoss queryLoss)
    {
        IReadOnlyList<torch.Tensor> fast = InnerLoop.Differentiable(
            metaParameters, supportLoss, options.InnerLearningRate, options.InnerSteps);
        torch.Tensor loss = queryLoss(fast);
        return new MetaGradient(loss, InnerLoop.Gradient(loss, metaParameters));
    }

    /// <inheritdoc />
    public IReadOnlyList<torch.Tensor> Adapt(
        IReadOnlyList<torch.Tensor> metaParameters, ParameterLoss supportLoss, int innerSteps) =>
        InnerLoop.Detached(metaParameters, supportLoss, options.InnerLearningRate, innerSteps);
}
