using MetaMap.Core.Parameters;
using MetaMap.Learning.Models;
using MetaMap.Learning.Problems;
using TorchSharp;

namespace MetaMap.Learning.Algorithms;

/// <summary>A task's mapping after its support set. Inductive statistics are those of the support set.</summary>
/// <param name="problem">The episode.</param>
/// <param name="metaParameters">All meta-parameters.</param>
/// <param name="outputs">From features to outputs.</param>
/// <param name="features">From inputs to features.</param>
/// <param name="weights">The outputs as one linear map of the features, [features, outputs]: of the constant, what hidden layers read, and hidden features.</param>
internal sealed class PosteriorMean(
    EpisodeProblem problem, IReadOnlyList<torch.Tensor> metaParameters, Func<torch.Tensor, torch.Tensor> outputs, Func<torch.Tensor, ForwardPass, torch.Tensor> features,
    Func<torch.Tensor> weights) : IAdaptedMapping
{
    /// <inheritdoc />
    public torch.Tensor PredictTransductive(torch.Tensor inputs) => outputs(features(inputs, ForwardPass.Transductive));

    /// <inheritdoc />
    public torch.Tensor PredictInductive(torch.Tensor inputs) => outputs(features(inputs, new ForwardPass(OfSupport().Fixed)));

    /// <inheritdoc />
    public FixedNetwork Fix()
    {
        torch.Tensor[] body = [.. metaParameters.Take(problem.Model.Schema.Definitions.Count(definition => definition.Role == ParameterRole.Body))];
        torch.Tensor all = weights().t().contiguous();                                             // [outputs, 1 + skip + features]
        long skip = problem.Model.Skip(body, problem.Data.SupportInputs)?.shape[^1] ?? 0;
        return new FixedNetwork([.. body, all.narrow(1, 1 + skip, all.shape[1] - 1 - skip).contiguous(), all.select(1, 0).contiguous()], OfSupport().Layers)
        {
            SkipWeight = skip > 0 ? all.narrow(1, 1, skip).contiguous() : null,
        };
    }

    private CollectedStatistics OfSupport()
    {
        var support = new CollectedStatistics();
        features(problem.Data.SupportInputs, new ForwardPass(support));
        return support;
    }
}
