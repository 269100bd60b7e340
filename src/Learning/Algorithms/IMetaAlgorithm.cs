using TorchSharp;

namespace MetaMap.Learning.Algorithms;

/// <summary>A differentiable scalar loss of a list of parameters, e.g. the mean cross-entropy over a support set.</summary>
/// <param name="parameters">Meta-parameters or fast weights, in layout order.</param>
/// <returns>A scalar tensor of the parameters' dtype that depends on every one of them (libtorch ends the process otherwise).</returns>
public delegate torch.Tensor ParameterLoss(IReadOnlyList<torch.Tensor> parameters);

/// <summary>One episode's contribution to the outer loop.</summary>
/// <param name="QueryLoss">Query loss of the adapted parameters: a scalar.</param>
/// <param name="Gradient">d(query loss)/d(theta), one tensor per meta-parameter, of its shape and dtype, without graph.</param>
public sealed record MetaGradient(torch.Tensor QueryLoss, IReadOnlyList<torch.Tensor> Gradient);

/// <summary>
/// A gradient-based meta-learner over any differentiable losses. Arguments are borrowed and never mutated; results
/// live in the caller's dispose scope. Immutable, safe for many threads.
/// </summary>
public interface IMetaAlgorithm
{
    /// <summary>Adapts to the support loss and differentiates the query loss of the adapted parameters.</summary>
    /// <param name="metaParameters">Theta: leaf tensors that require gradients.</param>
    /// <param name="supportLoss">Loss of the inner loop.</param>
    /// <param name="queryLoss">Loss of the outer loop.</param>
    MetaGradient Differentiate(
        IReadOnlyList<torch.Tensor> metaParameters, ParameterLoss supportLoss, ParameterLoss queryLoss);

    /// <summary>Adapts to the support loss without keeping a graph, as in evaluation.</summary>
    /// <param name="metaParameters">Theta: leaf tensors that require gradients.</param>
    /// <param name="supportLoss">Loss of the inner loop.</param>
    /// <param name="innerSteps">Inner steps, 0 or more.</param>
    /// <returns>Fast weights: leaf tensors; theta itself when there is no step.</returns>
    IReadOnlyList<torch.Tensor> Adapt(
        IReadOnlyList<torch.Tensor> metaParameters, ParameterLoss supportLoss, int innerSteps);
}
