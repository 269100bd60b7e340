using MetaMap.Learning.Inner;
using MetaMap.Learning.Problems;
using TorchSharp;

namespace MetaMap.Learning.Algorithms;

/// <summary>Adapts only a few context parameters; the network and the map from context to modulation are learned by the outer loop.</summary>
/// <remarks>
/// <para>Paper: L. Zintgraf, K. Shiarlis, V. Kurin, K. Hofmann, S. Whiteson. Fast Context Adaptation via Meta-Learning.
/// ICML 2019, equations 3 and 4 (phi begins at zero in each episode; second order), and for convolutional networks
/// section 3.4: one layer is modulated by FiLM, whose scale and shift are an affine function of the context.</para>
/// <para>Deviations: the scale is 1 + gamma, so that a zero map changes nothing; the map's weight begins
/// Xavier-uniform and its bias at zero; rates do not decay by themselves.</para>
/// </remarks>
/// <param name="loop">Inner rate, steps, optimiser and clip; recomputation.</param>
internal sealed class Cavia(InnerLoop loop) : IMetaAlgorithm
{
    /// <inheritdoc />
    public GraphExtent? SideBySide => loop.Recompute ? GraphExtent.OnePass : GraphExtent.AllPasses;

    /// <inheritdoc />
    public MetaGradient Differentiate(IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem, int iteration)
    {
        torch.Tensor[] withContext = WithContext(metaParameters);
        MetaGradient result = InnerDifferentiation.OfLastStep(
            Episode(metaParameters, problem), withContext, loop.Steps, loop.Recompute);
        // The context starts afresh in every episode, so its own gradient is dropped.
        return result with { Gradient = [.. result.Gradient.Take(metaParameters.Count)] };
    }

    /// <inheritdoc />
    public void Adapt(
        IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem, int innerSteps, Action<int, IAdaptedMapping> afterStep)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        InnerAdaptation.Run(Episode(metaParameters, problem), WithContext(metaParameters), innerSteps, afterStep);
    }

    private static torch.Tensor[] WithContext(IReadOnlyList<torch.Tensor> metaParameters)
    {
        torch.Tensor map = metaParameters[^2];                                                 // [2 · channels, context size]
        return [.. metaParameters, torch.zeros(map.shape[1], dtype: map.dtype, device: map.device, requires_grad: true)];
    }

    private ContextEpisode Episode(IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem) =>
        new(problem, loop.Rule([metaParameters.Count], problem.Tasks));
}
