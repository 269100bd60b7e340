using MetaMap.Core.Parameters;
using MetaMap.Learning.Models;
using MetaMap.Learning.Problems;
using TorchSharp;

namespace MetaMap.Learning.Algorithms;

/// <summary>A mapping that reads the network's features instead of its outputs. Inductive statistics are those of the support set.</summary>
/// <param name="problem">The episode.</param>
/// <param name="parameters">The network's parameters, in order.</param>
/// <param name="outputs">From features [inputs, features] to outputs [inputs, outputs].</param>
/// <param name="head">The head, weight and bias, that gives the same outputs, or logits with the same probabilities.</param>
internal sealed class FeatureMapping(
    EpisodeProblem problem, IReadOnlyList<torch.Tensor> parameters, Func<torch.Tensor, torch.Tensor> outputs, Func<torch.Tensor[]> head) : IAdaptedMapping
{
    /// <summary>Whether the head reads features of length one.</summary>
    public bool IsCosine { get; init; }

    /// <inheritdoc />
    public torch.Tensor PredictTransductive(torch.Tensor inputs) =>
        outputs(problem.Model.Features(parameters, inputs, ForwardPass.Transductive));

    /// <inheritdoc />
    public torch.Tensor PredictInductive(torch.Tensor inputs) => outputs(problem.Model.Features(parameters, inputs, new ForwardPass(OfSupport().Fixed)));

    /// <inheritdoc />
    public FixedNetwork Fix() => new(
        [.. parameters.Take(problem.Model.Schema.Definitions.Count(definition => definition.Role == ParameterRole.Body)), .. head()], OfSupport().Layers) { IsCosine = IsCosine };

    private CollectedStatistics OfSupport()
    {
        var support = new CollectedStatistics();
        problem.Model.Features(parameters, problem.Data.SupportInputs, new ForwardPass(support));
        return support;
    }
}
