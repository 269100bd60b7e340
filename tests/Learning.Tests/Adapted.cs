using MetaMap.Learning.Algorithms;
using MetaMap.Learning.Problems;
using TorchSharp;

namespace MetaMap.Learning.Tests;

/// <summary>What an algorithm's adaptation ends with.</summary>
internal static class Adapted
{
    /// <summary>The query outputs (transductive) after every number of inner steps from 0, without graph, in the caller's dispose scope.</summary>
    public static torch.Tensor[] QueryOutputs(IMetaAlgorithm algorithm, IReadOnlyList<torch.Tensor> theta, EpisodeProblem problem, int innerSteps)
    {
        var outputs = new List<torch.Tensor>();
        algorithm.Adapt(theta, problem, innerSteps, (_, mapping) =>
        {
            using DisposeScope scope = torch.NewDisposeScope();
            outputs.Add(mapping.PredictTransductive(problem.Data.QueryInputs).detach().clone().DetachFromDisposeScope());
        });
        return
        [
            .. outputs.Select(kept =>
            {
                using (kept)
                {
                    return kept.clone();
                }
            }),
        ];
    }

    /// <summary>The query loss after the last inner step.</summary>
    public static double QueryLoss(IMetaAlgorithm algorithm, IReadOnlyList<torch.Tensor> theta, EpisodeProblem problem, int innerSteps) =>
        QueryLosses(algorithm, theta, problem, innerSteps)[^1];

    /// <summary>The query loss after every number of inner steps from 0.</summary>
    public static double[] QueryLosses(IMetaAlgorithm algorithm, IReadOnlyList<torch.Tensor> theta, EpisodeProblem problem, int innerSteps)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        return [.. QueryOutputs(algorithm, theta, problem, innerSteps).Select(outputs => problem.QueryLoss(outputs).item<double>())];
    }
}
