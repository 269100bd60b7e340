using MetaMap.Learning.Inner;
using MetaMap.Learning.Models;
using MetaMap.Learning.Problems;
using TorchSharp;

namespace MetaMap.Learning.Algorithms;

/// <summary>One episode as the inner loop of MAML++ sees it: batch norm has its own scale and shift at every inner step.</summary>
/// <param name="problem">The episode.</param>
/// <param name="layout">The positions of the meta-parameters.</param>
/// <param name="rule">The inner loop.</param>
/// <param name="lastStep">The step at which the query set is observed instead of the support set.</param>
/// <param name="observed">Keeps what batch norm sees; null in evaluation.</param>
internal sealed class PerStepEpisode(
    EpisodeProblem problem, PerStepLayout layout, InnerRule rule, int lastStep, ObservedStatistics? observed) : InnerEpisode(problem, rule)
{
    /// <inheritdoc />
    public override torch.Tensor[] Network(
        IReadOnlyList<torch.Tensor> metaParameters, IReadOnlyList<torch.Tensor> fastWeights, int innerSteps)
    {
        torch.Tensor[] network = [.. base.Network(metaParameters, fastWeights, innerSteps)];
        layout.SelectNorms(network, innerSteps);
        return network;
    }

    /// <inheritdoc />
    public override torch.Tensor SupportLoss(
        IReadOnlyList<torch.Tensor> metaParameters, IReadOnlyList<torch.Tensor> fastWeights, int innerSteps)
    {
        torch.Tensor[] network = Network(metaParameters, fastWeights, innerSteps);
        return Problem.SupportLoss(network, observed?.Pass(network, innerSteps));
    }

    /// <inheritdoc />
    public override torch.Tensor QueryOutputs(
        IReadOnlyList<torch.Tensor> metaParameters, IReadOnlyList<torch.Tensor> fastWeights, int innerSteps)
    {
        torch.Tensor[] network = Network(metaParameters, fastWeights, innerSteps);
        ForwardPass? pass = innerSteps == lastStep ? observed?.Pass(network, innerSteps) : null;
        return Problem.QueryOutputs(network, pass);
    }

    /// <inheritdoc />
    public override IAdaptedMapping Mapping(
        IReadOnlyList<torch.Tensor> metaParameters, IReadOnlyList<torch.Tensor> fastWeights, int innerSteps) =>
        new PerStepNetwork(Problem, layout, metaParameters, Network(metaParameters, fastWeights, innerSteps), innerSteps);
}
