using MetaMap.Learning.Inner;
using MetaMap.Learning.Problems;
using MetaMap.Training.Episodes;
using TorchSharp;

namespace MetaMap.Learning.Algorithms;

/// <summary>
/// Minibatch gradient descent on all classes at once: no support set, no inner loop. The gradient of a slice is the sum over its examples, because a
/// slice weighs as much as it has examples (<see cref="Episode.Weight"/>): a minibatch has the gradient of its mean loss, however it is cut.
/// </summary>
/// <remarks>Robbins and Monro 1951. Deviation: batch norm uses the statistics of each slice, in evaluation as in training.</remarks>
internal sealed class Supervised : IMetaAlgorithm
{
    /// <inheritdoc />
    public MetaGradient Differentiate(IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem, int iteration)
    {
        torch.Tensor outputs = problem.QueryOutputs(metaParameters);
        torch.Tensor loss = problem.QueryLoss(outputs);
        using Scalar examples = problem.Data.QueryInputs.shape[0];
        return new MetaGradient(loss.detach(), outputs.detach(), Gradients.OrZero(loss.mul(examples), metaParameters));
    }

    /// <inheritdoc />
    public void Adapt(
        IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem, int innerSteps, Action<int, IAdaptedMapping> afterStep) =>
        afterStep(0, new Mapping(metaParameters, problem));

    private sealed class Mapping(IReadOnlyList<torch.Tensor> parameters, EpisodeProblem problem) : IAdaptedMapping
    {
        public torch.Tensor PredictTransductive(torch.Tensor inputs) => problem.Model.Forward(parameters, inputs, Models.ForwardPass.Transductive);

        public torch.Tensor PredictInductive(torch.Tensor inputs) => PredictTransductive(inputs);
    }
}
