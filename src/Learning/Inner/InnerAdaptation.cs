using MetaMap.Learning.Algorithms;
using TorchSharp;

namespace MetaMap.Learning.Inner;

/// <summary>Descends inner steps, with or without a graph.</summary>
internal static class InnerAdaptation
{
    /// <summary>Adapts and passes on the mapping after 0, 1, … steps; leaves no tensor behind.</summary>
    /// <param name="episode">The episode.</param>
    /// <param name="metaParameters">All meta-parameters.</param>
    /// <param name="innerSteps">0 or more.</param>
    /// <param name="afterStep">Receives the step and the mapping.</param>
    public static void Run(
        InnerEpisode episode, IReadOnlyList<torch.Tensor> metaParameters, int innerSteps, Action<int, IAdaptedMapping> afterStep)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        Descend(episode.Rule, metaParameters, episode.SupportLoss, innerSteps, InnerGraph.Fresh, (step, state) =>
        {
            using DisposeScope inner = torch.NewDisposeScope();
            afterStep(step, episode.Mapping(metaParameters, episode.Rule.FastWeights(state), step));
        });
    }

    /// <summary>The state after all steps, in the caller's dispose scope; earlier states are released along the way.</summary>
    /// <param name="rule">How to step.</param>
    /// <param name="metaParameters">Where to begin.</param>
    /// <param name="supportLoss">What to descend.</param>
    /// <param name="innerSteps">0 or more.</param>
    /// <param name="graph">What stays differentiable.</param>
    /// <param name="afterStep">Receives the state after 0, 1, … steps.</param>
    public static torch.Tensor[] Descend(
        InnerRule rule, IReadOnlyList<torch.Tensor> metaParameters, InnerLoss supportLoss, int innerSteps, InnerGraph graph,
        Action<int, torch.Tensor[]>? afterStep = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(innerSteps);
        torch.Tensor[] current = rule.Begin(metaParameters);
        afterStep?.Invoke(0, current);
        for (int step = 0; step < innerSteps; step++)
        {
            torch.Tensor[] next = rule.Next(metaParameters, current, supportLoss, step, graph);
            // Releases only the handles: the graph keeps what it still needs.
            rule.Release(current, metaParameters);
            current = next;
            afterStep?.Invoke(step + 1, current);
        }

        return current;
    }
}
