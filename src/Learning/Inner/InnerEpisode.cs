using MetaMap.Learning.Algorithms;
using MetaMap.Learning.Problems;
using TorchSharp;

namespace MetaMap.Learning.Inner;

/// <summary>One episode as an inner loop sees it: the network whose adapting parameters are fast weights.</summary>
/// <param name="problem">The episode.</param>
/// <param name="rule">Says which parameters adapt.</param>
internal class InnerEpisode(EpisodeProblem problem, InnerRule rule)
{
    /// <summary>The episode.</summary>
    public EpisodeProblem Problem => problem;

    /// <summary>How it is adapted to.</summary>
    public InnerRule Rule => rule;

    /// <summary>The network's parameters after some inner steps, in order; what follows them is ignored.</summary>
    /// <param name="metaParameters">All meta-parameters.</param>
    /// <param name="fastWeights">The current values of the adapting ones.</param>
    /// <param name="innerSteps">Steps done, from 0.</param>
    public virtual IReadOnlyList<torch.Tensor> Network(
        IReadOnlyList<torch.Tensor> metaParameters, IReadOnlyList<torch.Tensor> fastWeights, int innerSteps)
    {
        torch.Tensor[] parameters = [.. metaParameters];
        for (int i = 0; i < fastWeights.Count; i++)
        {
            parameters[rule.Adapting[i]] = fastWeights[i];
        }

        return parameters;
    }

    /// <summary>The loss that the next inner step descends.</summary>
    public virtual torch.Tensor SupportLoss(
        IReadOnlyList<torch.Tensor> metaParameters, IReadOnlyList<torch.Tensor> fastWeights, int innerSteps) =>
        problem.SupportLoss(Network(metaParameters, fastWeights, innerSteps));

    /// <summary>The network's outputs for the query set.</summary>
    public virtual torch.Tensor QueryOutputs(
        IReadOnlyList<torch.Tensor> metaParameters, IReadOnlyList<torch.Tensor> fastWeights, int innerSteps) =>
        problem.QueryOutputs(Network(metaParameters, fastWeights, innerSteps));

    /// <summary>The adapted network, for evaluation.</summary>
    public virtual IAdaptedMapping Mapping(
        IReadOnlyList<torch.Tensor> metaParameters, IReadOnlyList<torch.Tensor> fastWeights, int innerSteps) =>
        new AdaptedNetwork(problem, Network(metaParameters, fastWeights, innerSteps));
}
