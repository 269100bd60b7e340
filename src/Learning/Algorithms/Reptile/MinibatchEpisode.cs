using MetaMap.Learning.Inner;
using MetaMap.Learning.Models;
using MetaMap.Learning.Problems;
using TorchSharp;

namespace MetaMap.Learning.Algorithms;

/// <summary>An episode whose inner steps descend the loss of minibatches.</summary>
/// <param name="problem">The episode.</param>
/// <param name="rule">How to step.</param>
/// <param name="inputs">All examples that are trained on.</param>
/// <param name="targets">Their targets.</param>
/// <param name="batchSize">Examples per step; null for all.</param>
internal sealed class MinibatchEpisode(
    EpisodeProblem problem, InnerRule rule, torch.Tensor inputs, torch.Tensor targets, int? batchSize) : InnerEpisode(problem, rule)
{
    private readonly InnerBatches? _batches = batchSize is { } size && size < inputs.shape[0]
        ? new InnerBatches((int)inputs.shape[0], size, problem.Episode)
        : null;

    /// <inheritdoc />
    public override torch.Tensor SupportLoss(
        IReadOnlyList<torch.Tensor> metaParameters, IReadOnlyList<torch.Tensor> fastWeights, int innerSteps)
    {
        IReadOnlyList<torch.Tensor> network = Network(metaParameters, fastWeights, innerSteps);
        if (_batches is null)
        {
            return Loss(network, inputs, targets);
        }

        torch.Tensor batch = torch.tensor(_batches.At(innerSteps), device: inputs.device);
        return Loss(network, inputs.index_select(0, batch), targets.index_select(0, batch));
    }

    private torch.Tensor Loss(IReadOnlyList<torch.Tensor> network, torch.Tensor batchInputs, torch.Tensor batchTargets) =>
        Problem.Loss.Mean(Problem.Model.Forward(network, batchInputs, ForwardPass.Transductive), batchTargets);
}
