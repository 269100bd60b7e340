using MetaMap.Learning.Algorithms;
using TorchSharp;

namespace MetaMap.Learning.Inner;

/// <summary>Chooses between the two ways to compute a meta-gradient.</summary>
internal static class InnerDifferentiation
{
    /// <summary>The meta-gradient of the query loss after the last inner step.</summary>
    public static MetaGradient OfLastStep(
        InnerEpisode episode, IReadOnlyList<torch.Tensor> metaParameters, int innerSteps, bool recompute,
        InnerGraph graph = InnerGraph.SecondOrder) =>
        OfSteps(episode, metaParameters, graph, [.. Enumerable.Repeat(0.0, innerSteps), 1.0], recompute);

    /// <summary>The meta-gradient of the sum over k of weight k times the query loss after k inner steps.</summary>
    public static MetaGradient OfSteps(
        InnerEpisode episode, IReadOnlyList<torch.Tensor> metaParameters, InnerGraph graph, IReadOnlyList<double> stepWeights, bool recompute) =>
        recompute
            ? RecomputedGraph.Differentiate(episode, metaParameters, graph, stepWeights)
            : StoredGraph.Differentiate(episode, metaParameters, graph, stepWeights);
}
