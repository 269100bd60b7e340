using MetaMap.Learning.Problems;
using TorchSharp;

namespace MetaMap.Learning.Algorithms;

/// <summary>The contribution of one episode to the outer loop, or of several side by side.</summary>
/// <param name="QueryLoss">Query loss of the adapted mapping: a scalar, or [tasks].</param>
/// <param name="QueryOutputs">Its outputs for the query set, for measures: [queries, outputs], or with [tasks] before.</param>
/// <param name="Gradient">What the outer loop descends along: one tensor per meta-parameter, of its shape and dtype, without a graph; of tasks side by side the sum.</param>
public sealed record MetaGradient(torch.Tensor QueryLoss, torch.Tensor QueryOutputs, IReadOnlyList<torch.Tensor> Gradient)
{
    /// <summary>The targets of <see cref="QueryOutputs"/>, where they are not the episode's own.</summary>
    public torch.Tensor? QueryTargets { get; init; }

    /// <summary>Moves its tensors to the scope around the current one, except <see cref="QueryTargets"/>.</summary>
    internal MetaGradient MoveToOuterDisposeScope()
    {
        QueryLoss.MoveToOuterDisposeScope();
        QueryOutputs.MoveToOuterDisposeScope();
        foreach (torch.Tensor gradient in Gradient)
        {
            gradient.MoveToOuterDisposeScope();
        }

        return this;
    }
}

/// <summary>The mapping after some inner steps. Valid only within the call that it is passed to.</summary>
public interface IAdaptedMapping
{
    /// <summary>Outputs with batch norm by the statistics of these inputs, which see each other.</summary>
    /// <param name="inputs">[inputs, …sizes of one input].</param>
    torch.Tensor PredictTransductive(torch.Tensor inputs);

    /// <summary>Outputs with batch norm by statistics that do not depend on these inputs.</summary>
    /// <param name="inputs">[inputs, …sizes of one input].</param>
    torch.Tensor PredictInductive(torch.Tensor inputs);

    /// <summary>The mapping as a plain network, for which <see cref="PredictInductive"/> has the same probabilities or values; null where it is none.</summary>
    FixedNetwork? Fix() => null;
}

/// <summary>
/// A meta-learner over any network and differentiable loss. Arguments are borrowed and never mutated; results live in
/// the caller's dispose scope. Immutable, safe for many threads.
/// </summary>
public interface IMetaAlgorithm
{
    /// <summary>What its graphs hold at once, where <see cref="Differentiate"/> takes problems of several episodes side by side; null where it does not.</summary>
    GraphExtent? SideBySide => null;

    /// <summary>Adapts to the support set and differentiates the query loss of the adapted mapping.</summary>
    /// <param name="metaParameters">Theta, in layout order (the network's parameters first): leaf tensors that require gradients.</param>
    /// <param name="problem">The episode.</param>
    /// <param name="iteration">The meta-iteration, from 1; for algorithms with a schedule.</param>
    MetaGradient Differentiate(IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem, int iteration);

    /// <summary>Adapts to the support set without keeping a graph, as in evaluation.</summary>
    /// <param name="metaParameters">Theta, in layout order: leaf tensors that require gradients.</param>
    /// <param name="problem">The episode.</param>
    /// <param name="innerSteps">Inner steps, 0 or more; not read by algorithms without an inner loop.</param>
    /// <param name="afterStep">Receives the mapping after 0, 1, … inner steps; called once, with 0, by algorithms without an inner loop.</param>
    void Adapt(
        IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem, int innerSteps, Action<int, IAdaptedMapping> afterStep);
}
