using MetaMap.Learning.Algorithms.Inner;
using TorchSharp;

namespace MetaMap.Learning.Algorithms;

/// <summary>A differentiable scalar loss of a list of parameters, e.g. the mean cross-entropy over a support set.</summary>
/// <param name="parameters">Meta-parameters or fast weights, in layout order.</param>
/// <returns>A scalar tensor of the parameters' dtype.</returns>
public delegate torch.Tensor ParameterLoss(IReadOnlyList<torch.Tensor> parameters);

/// <summary>
/// Plain gradient descent of all parameters on a support loss: theta_(k+1) = theta_k - rate · d(support loss)/d(theta_k).
/// Steps make new tensors and never write to old ones.
/// </summary>
internal static class InnerLoop
{
    /// <summary>Fast weights that are still a differentiable function of theta (the graph of the gradients is kept).</summary>
    public static IReadOnlyList<torch.Tensor> Differentiable(
        IReadOnlyList<torch.Tensor> theta, ParameterLoss supportLoss, double learningRate, int innerSteps) =>
        Descend(theta, supportLoss, learningRate, innerSteps, InnerGraph.SecondOrder, null);

    /// <summary>Fast weights as fresh leaves after every step, so that memory does not grow with their number.</summary>
    /// <param name="theta">Where to begin.</param>
    /// <param name="supportLoss">What to descend.</param>
    /// <param name="learningRate">Of each step.</param>
    /// <param name="innerSteps">0 or more.</param>
    /// <param name="afterStep">Told of the weights after 0, 1, … steps.</param>
    public static IReadOnlyList<torch.Tensor> Detached(
        IReadOnlyList<torch.Tensor> theta, ParameterLoss supportLoss, double learningRate, int innerSteps,
        Action<int, IReadOnlyList<torch.Tensor>>? afterStep = null) =>
        Descend(theta, supportLoss, learningRate, innerSteps, InnerGraph.Fresh, afterStep);

    /// <summary>The gradient of a loss, without a graph of its own; frees the graph of the loss.</summary>
    public static IReadOnlyList<torch.Tensor> Gradient(torch.Tensor loss, IReadOnlyList<torch.Tensor> parameters) =>
        Gradients.OrZero(loss, parameters);

    private static torch.Tensor[] Descend(
        IReadOnlyList<torch.Tensor> theta, ParameterLoss supportLoss, double learningRate, int innerSteps, InnerGraph graph,
        Action<int, IReadOnlyList<torch.Tensor>>? afterStep)
    {
        var rule = new InnerRule(AdaptingParameters.All(theta.Count), InnerOptimizer.Sgd, InnerRate.Constant(learningRate));
        return InnerAdaptation.Descend(rule, theta, (_, fast, _) => supportLoss(fast), innerSteps, graph, afterStep);
    }
}
