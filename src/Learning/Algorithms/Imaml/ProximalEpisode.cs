using MetaMap.Learning.Inner;
using MetaMap.Learning.Problems;
using MetaMap.Learning.Tensors;
using TorchSharp;

namespace MetaMap.Learning.Algorithms;

/// <summary>An episode whose inner loop descends support loss + lambda/2 · |theta' - theta|².</summary>
/// <param name="problem">The episode.</param>
/// <param name="rule">How to step; all parameters adapt.</param>
/// <param name="strength">Lambda.</param>
internal sealed class ProximalEpisode(EpisodeProblem problem, InnerRule rule, double strength) : InnerEpisode(problem, rule)
{
    /// <inheritdoc />
    public override torch.Tensor SupportLoss(
        IReadOnlyList<torch.Tensor> metaParameters, IReadOnlyList<torch.Tensor> fastWeights, int innerSteps)
    {
        torch.Tensor distance = torch.stack(
            fastWeights.Select((fast, i) => fast.sub(metaParameters[Rule.Adapting[i]].detach()).Squared().SumWithinTask(Rule.Tasks))).sum([0]);
        return base.SupportLoss(metaParameters, fastWeights, innerSteps).PlusMultiple(strength / 2, distance);
    }
}
