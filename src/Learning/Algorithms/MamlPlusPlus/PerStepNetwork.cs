using MetaMap.Learning.Models;
using MetaMap.Learning.Problems;
using TorchSharp;

namespace MetaMap.Learning.Algorithms;

/// <summary>The episode's network after some inner steps, with the running statistics of that step for inductive prediction.</summary>
/// <param name="problem">The episode.</param>
/// <param name="layout">Which batch norm is which.</param>
/// <param name="metaParameters">All meta-parameters.</param>
/// <param name="network">The network's parameters, with those of batch norm of this step.</param>
/// <param name="innerSteps">Steps done.</param>
internal sealed class PerStepNetwork(
    EpisodeProblem problem, PerStepLayout layout, IReadOnlyList<torch.Tensor> metaParameters, IReadOnlyList<torch.Tensor> network,
    int innerSteps) : BatchStatistics, IAdaptedMapping
{
    private List<int>? _called;

    /// <inheritdoc />
    public torch.Tensor PredictTransductive(torch.Tensor inputs) => problem.Model.Forward(network, inputs, ForwardPass.Transductive);

    /// <inheritdoc />
    public torch.Tensor PredictInductive(torch.Tensor inputs) => problem.Model.Forward(network, inputs, new ForwardPass(this));

    /// <inheritdoc />
    public FixedNetwork Fix()
    {
        // One pass tells in which order the network calls its batch norms.
        _called = [];
        PredictInductive(problem.Data.SupportInputs.narrow(0, 0, 1));
        return new FixedNetwork([.. network.Take(problem.Model.Schema.Definitions.Length)], [.. _called.Select(mean => (Stored(mean), Stored(mean + 1)))]);
    }

    /// <inheritdoc />
    public override torch.Tensor Normalize(int layer, torch.Tensor features, torch.Tensor scale, torch.Tensor shift)
    {
        int mean = layout.Mean(layout.NormLayer(network, scale));
        _called?.Add(mean);
        return torch.nn.functional.batch_norm(
            features, Stored(mean), Stored(mean + 1), scale, shift, training: false, eps: Epsilon);
    }

    private torch.Tensor Stored(int position) => PerStepLayout.Row(metaParameters[position].detach(), innerSteps);
}
