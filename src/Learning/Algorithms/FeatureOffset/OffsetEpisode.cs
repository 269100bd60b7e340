using MetaMap.Learning.Inner;
using MetaMap.Learning.Models;
using MetaMap.Learning.Problems;
using TorchSharp;

namespace MetaMap.Learning.Algorithms;

/// <summary>
/// An episode in which only the offset adapts, so that the support features are the same in every inner step. The
/// meta-parameters are those of the run, then the initial offset.
/// </summary>
/// <param name="problem">The episode.</param>
/// <param name="rule">How to step; the offset alone adapts.</param>
/// <param name="form">The form of the offset.</param>
/// <param name="supportFeatures">[examples, features].</param>
internal sealed class OffsetEpisode(EpisodeProblem problem, InnerRule rule, OffsetForm form, torch.Tensor supportFeatures)
    : InnerEpisode(problem, rule)
{
    /// <inheritdoc />
    public override torch.Tensor SupportLoss(
        IReadOnlyList<torch.Tensor> metaParameters, IReadOnlyList<torch.Tensor> fastWeights, int innerSteps) =>
        Problem.Loss.Mean(form.Outputs(Problem, metaParameters, supportFeatures, fastWeights[0]), Problem.Data.SupportTargets);

    /// <inheritdoc />
    public override torch.Tensor QueryOutputs(
        IReadOnlyList<torch.Tensor> metaParameters, IReadOnlyList<torch.Tensor> fastWeights, int innerSteps) => form.Outputs(
            Problem, metaParameters,
            Problem.Model.Features(metaParameters, Problem.Data.QueryInputs, ForwardPass.Transductive), fastWeights[0]);

    /// <inheritdoc />
    public override IAdaptedMapping Mapping(
        IReadOnlyList<torch.Tensor> metaParameters, IReadOnlyList<torch.Tensor> fastWeights, int innerSteps) =>
        form.Mapping(Problem, metaParameters, fastWeights[0]);
}
