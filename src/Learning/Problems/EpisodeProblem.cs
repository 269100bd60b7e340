using MetaMap.Learning.Models;
using MetaMap.Training.Episodes;
using TorchSharp;

namespace MetaMap.Learning.Problems;

/// <summary>
/// One episode as a problem for an algorithm: a network, what it is adapted to and measured on, and the loss. Or several side by side:
/// then all tensors of the data begin with the dimension of tasks, and a loss is one for each.
/// </summary>
/// <param name="model">The network.</param>
/// <param name="data">The support and the query set.</param>
/// <param name="loss">The loss of the inner and the outer loop.</param>
/// <param name="episode">Which classes and examples these are; null for external data.</param>
public sealed class EpisodeProblem(IModel model, EpisodeTensors data, Loss loss, Episode? episode = null)
{
    /// <summary>The network.</summary>
    public IModel Model => model;

    /// <summary>The support and the query set.</summary>
    public EpisodeTensors Data => data;

    /// <summary>The loss of the inner and the outer loop.</summary>
    public Loss Loss => loss;

    /// <summary>Which classes and examples these are; null for external data.</summary>
    public Episode? Episode => episode;

    /// <summary>The episodes, where they are several side by side; null for one.</summary>
    public IReadOnlyList<Episode>? SideBySide { get; init; }

    /// <summary>How many are side by side, 1 or more; null for one by itself, whose tensors have no dimension of tasks.</summary>
    public long? Tasks => SideBySide?.Count;

    /// <summary>The dimension of examples of all data.</summary>
    internal int ExampleDimension => SideBySide is null ? 0 : 1;

    /// <summary>Mean loss over the support set.</summary>
    /// <param name="parameters">The network's parameters, or fast weights, in order; what follows them is ignored.</param>
    /// <param name="pass">The forward pass; transductive when absent.</param>
    public torch.Tensor SupportLoss(IReadOnlyList<torch.Tensor> parameters, ForwardPass? pass = null) =>
        loss.Mean(model.Forward(parameters, data.SupportInputs, pass ?? ForwardPass.Transductive), data.SupportTargets);

    /// <summary>The network's outputs for the query set.</summary>
    /// <param name="parameters">The network's parameters, or fast weights, in order; what follows them is ignored.</param>
    /// <param name="pass">The forward pass; transductive when absent.</param>
    public torch.Tensor QueryOutputs(IReadOnlyList<torch.Tensor> parameters, ForwardPass? pass = null) =>
        model.Forward(parameters, data.QueryInputs, pass ?? ForwardPass.Transductive);

    /// <summary>Mean loss of outputs for the query set.</summary>
    public torch.Tensor QueryLoss(torch.Tensor queryOutputs) => loss.Mean(queryOutputs, data.QueryTargets);
}
