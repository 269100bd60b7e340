using MetaMap.Learning.Algorithms;
using MetaMap.Learning.Tensors;
using TorchSharp;

namespace MetaMap.Learning.Inner;

/// <summary>The meta-gradient through one graph of all inner steps: fastest, but memory grows with their number.</summary>
internal static class StoredGraph
{
    /// <summary>Differentiates the sum over k of weight k times the query loss after k inner steps.</summary>
    /// <param name="episode">The episode.</param>
    /// <param name="metaParameters">Leaves that require gradients.</param>
    /// <param name="graph">First or second order.</param>
    /// <param name="stepWeights">Weights of the query loss after 0, 1, …, K inner steps.</param>
    /// <returns>Tensors in the caller's dispose scope; the loss is that after the last step.</returns>
    public static MetaGradient Differentiate(
        InnerEpisode episode, IReadOnlyList<torch.Tensor> metaParameters, InnerGraph graph, IReadOnlyList<double> stepWeights)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        int last = stepWeights.Count - 1;
        torch.Tensor? total = null;
        torch.Tensor? lastLoss = null;
        torch.Tensor? lastOutputs = null;
        InnerAdaptation.Descend(episode.Rule, metaParameters, episode.SupportLoss, last, graph, (step, state) =>
        {
            if (step < last && stepWeights[step] == 0)
            {
                return;
            }

            torch.Tensor outputs = episode.QueryOutputs(metaParameters, episode.Rule.FastWeights(state), step);
            torch.Tensor loss = episode.Problem.QueryLoss(outputs);
            using Scalar weight = stepWeights[step];
            torch.Tensor weighted = stepWeights[step] == 1 ? loss : loss.mul(weight);
            total = total is null ? weighted : total.Plus(weighted);
            (lastLoss, lastOutputs) = (loss, outputs);
        });
        return new MetaGradient(lastLoss!, lastOutputs!, Gradients.OrZero(total!, metaParameters)).MoveToOuterDisposeScope();
    }
}
