using MetaMap.Learning.Inner;
using MetaMap.Learning.Models;
using MetaMap.Learning.Problems;
using TorchSharp;

namespace MetaMap.Learning.Algorithms;

/// <summary>An episode in which only the context adapts. The meta-parameters are those of the run, then the initial context.</summary>
/// <param name="problem">The episode.</param>
/// <param name="rule">How to step; the context alone adapts.</param>
internal sealed class ContextEpisode(EpisodeProblem problem, InnerRule rule) : InnerEpisode(problem, rule)
{
    /// <inheritdoc />
    public override torch.Tensor SupportLoss(
        IReadOnlyList<torch.Tensor> metaParameters, IReadOnlyList<torch.Tensor> fastWeights, int innerSteps) =>
        Problem.SupportLoss(metaParameters, ForwardPass.Transductive with { Modulation = Modulation(metaParameters, fastWeights) });

    /// <inheritdoc />
    public override torch.Tensor QueryOutputs(
        IReadOnlyList<torch.Tensor> metaParameters, IReadOnlyList<torch.Tensor> fastWeights, int innerSteps) =>
        Problem.QueryOutputs(metaParameters, ForwardPass.Transductive with { Modulation = Modulation(metaParameters, fastWeights) });

    /// <inheritdoc />
    public override IAdaptedMapping Mapping(
        IReadOnlyList<torch.Tensor> metaParameters, IReadOnlyList<torch.Tensor> fastWeights, int innerSteps) =>
        new AdaptedNetwork(Problem, metaParameters, Film.Of(fastWeights[0], metaParameters[^3], metaParameters[^2]));

    private static Func<torch.Tensor, torch.Tensor> Modulation(
        IReadOnlyList<torch.Tensor> metaParameters, IReadOnlyList<torch.Tensor> fastWeights) =>
        hidden => Film.Modulate(hidden, Film.Of(fastWeights[0], metaParameters[^3], metaParameters[^2]), hasTasks: fastWeights[0].dim() > 1);
}
