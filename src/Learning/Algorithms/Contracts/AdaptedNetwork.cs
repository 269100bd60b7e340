using MetaMap.Learning.Models;
using MetaMap.Learning.Problems;
using TorchSharp;

namespace MetaMap.Learning.Algorithms;

/// <summary>The episode's network with fast weights. Inductive statistics are those of the support set.</summary>
/// <param name="problem">The episode.</param>
/// <param name="fastWeights">The network's parameters, in order.</param>
/// <param name="modulation">Modulates the hidden layer, as of <see cref="FixedNetwork.Modulation"/>; null for none.</param>
internal sealed class AdaptedNetwork(EpisodeProblem problem, IReadOnlyList<torch.Tensor> fastWeights, torch.Tensor? modulation = null) : IAdaptedMapping
{
    /// <inheritdoc />
    public torch.Tensor PredictTransductive(torch.Tensor inputs) => Predict(inputs, BatchStatistics.OfBatch);

    /// <inheritdoc />
    public torch.Tensor PredictInductive(torch.Tensor inputs) => Predict(inputs, OfSupport().Fixed);

    /// <inheritdoc />
    public FixedNetwork Fix() => new([.. fastWeights.Take(problem.Model.Schema.Definitions.Length)], OfSupport().Layers) { Modulation = modulation };

    private CollectedStatistics OfSupport()
    {
        var support = new CollectedStatistics();
        Predict(problem.Data.SupportInputs, support);
        return support;
    }

    private torch.Tensor Predict(torch.Tensor inputs, BatchStatistics statistics) =>
        problem.Model.Forward(fastWeights, inputs, new ForwardPass(statistics) { Modulation = Film.By(modulation) });
}
