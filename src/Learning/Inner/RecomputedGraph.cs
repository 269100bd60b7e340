using MetaMap.Learning.Algorithms;
using TorchSharp;

namespace MetaMap.Learning.Inner;

/// <summary>
/// The meta-gradient with the graph of one inner step at a time: the forward pass keeps only the states between the steps;
/// the backward pass rebuilds each step and takes a vector-Jacobian product (a Hessian-vector product of the support loss).
/// The same gradient as <see cref="StoredGraph"/> at the cost of a second pass, with activations of one step in memory.
/// </summary>
internal static class RecomputedGraph
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
        torch.Tensor[][] states = States(episode, metaParameters, last);
        var sums = new Cotangents(states[0].Length, metaParameters);
        torch.Tensor? lastLoss = null;
        torch.Tensor? lastOutputs = null;
        for (int step = last; step >= 0; step--)
        {
            if (step == last || stepWeights[step] != 0)
            {
                using DisposeScope measure = torch.NewDisposeScope();
                torch.Tensor outputs = episode.QueryOutputs(metaParameters, episode.Rule.FastWeights(states[step]), step);
                torch.Tensor loss = episode.Problem.QueryLoss(outputs);
                using Scalar weight = stepWeights[step];
                sums.Add(Gradients.OrNull([loss.mul(weight)], [.. states[step], .. metaParameters]));
                lastLoss ??= loss.detach().MoveToOuterDisposeScope();
                lastOutputs ??= outputs.detach().MoveToOuterDisposeScope();
            }

            if (step > 0)
            {
                using DisposeScope rebuild = torch.NewDisposeScope();
                torch.Tensor[] next = episode.Rule.Next(metaParameters, states[step - 1], episode.SupportLoss, step - 1, graph);
                sums.PullBack(next, states[step - 1]);
                foreach (torch.Tensor tensor in states[step])
                {
                    tensor.Dispose();
                }
            }
        }

        return new MetaGradient(lastLoss!, lastOutputs!, [.. sums.Total(episode.Rule)]).MoveToOuterDisposeScope();
    }

    // Every state consists of fresh leaves, even the first: derivatives through it are kept apart from those by the meta-parameters.
    private static torch.Tensor[][] States(InnerEpisode episode, IReadOnlyList<torch.Tensor> metaParameters, int innerSteps)
    {
        var states = new torch.Tensor[innerSteps + 1][];
        states[0] = [.. episode.Rule.Begin(metaParameters).Select(tensor => tensor.detach().requires_grad_())];
        for (int step = 0; step < innerSteps; step++)
        {
            states[step + 1] = episode.Rule.Next(metaParameters, states[step], episode.SupportLoss, step, InnerGraph.Fresh);
        }

        return states;
    }
}
