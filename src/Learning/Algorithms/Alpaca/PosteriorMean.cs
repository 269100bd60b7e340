using MetaMap.Learning.Models;
using MetaMap.Learning.Problems;
using TorchSharp;

namespace MetaMap.Learning.Algorithms;

/// <summary>A task's mapping after its support set. Inductive statistics are those of the support set.</summary>
/// <param name="problem">The episode.</param>
/// <param name="outputs">From features to outputs.</param>
/// <param name="features">From inputs to features.</param>
internal sealed class PosteriorMean(
    EpisodeProblem problem, Func<torch.Tensor, torch.Tensor> outputs, Func<torch.Tensor, ForwardPass, torch.Tensor> features) : IAdaptedMapping
{
    /// <inheritdoc />
    public torch.Tensor PredictTransductive(torch.Tensor inputs) => outputs(features(inputs, ForwardPass.Transductive));

    /// <inheritdoc />
    public torch.Tensor PredictInductive(torch.Tensor inputs)
    {
        var support = new CollectedStatistics();
        features(problem.Data.SupportInputs, new ForwardPass(support));
        return outputs(features(inputs, new ForwardPass(support.Fixed)));
    }
}
