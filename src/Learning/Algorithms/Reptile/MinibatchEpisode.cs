using MetaMap.Learning.Inner;
using MetaMap.Learning.Models;
using MetaMap.Learning.Problems;
using MetaMap.Training.Episodes;
using TorchSharp;

namespace MetaMap.Learning.Algorithms;

/// <summary>An episode whose inner steps descend the loss of minibatches.</summary>
/// <param name="problem">The episode.</param>
/// <param name="rule">How to step.</param>
/// <param name="inputs">All examples that are trained on.</param>
/// <param name="targets">Their targets.</param>
/// <param name="batchSize">Examples per step; null for all.</param>
internal sealed class MinibatchEpisode(
    EpisodeProblem problem, InnerRule rule, torch.Tensor inputs, torch.Tensor targets, int? batchSize) : InnerEpisode(problem, rule)
{
    private readonly int _examples = (int)inputs.shape[problem.ExampleDimension];
    private readonly InnerBatches[]? _batches = batchSize is { } size && size < inputs.shape[problem.ExampleDimension]
        ? [.. ((IReadOnlyList<Episode?>?)problem.SideBySide ?? [problem.Episode]).Select(episode => new InnerBatches((int)inputs.shape[problem.ExampleDimension], size, episode))]
        : null;

    /// <inheritdoc />
    public override torch.Tensor SupportLoss(
        IReadOnlyList<torch.Tensor> metaParameters, IReadOnlyList<torch.Tensor> fastWeights, int innerSteps)
    {
        IReadOnlyList<torch.Tensor> network = Network(metaParameters, fastWeights, innerSteps);
        if (_batches is null)
        {
            return Loss(network, inputs, targets);
        }

        long[] places = [.. _batches.SelectMany((batches, task) => batches.At(innerSteps).Select(example => (long)task * _examples + example))];
        torch.Tensor batch = torch.tensor(places, device: inputs.device);
        return Loss(network, Chosen(inputs), Chosen(targets));

        torch.Tensor Chosen(torch.Tensor all) => Problem.Tasks is { } tasks
            ? all.flatten(0, 1).index_select(0, batch).reshape([tasks, -1, .. all.shape[2..]])
            : all.index_select(0, batch);
    }

    private torch.Tensor Loss(IReadOnlyList<torch.Tensor> network, torch.Tensor batchInputs, torch.Tensor batchTargets) =>
        Problem.Loss.Mean(Problem.Model.Forward(network, batchInputs, ForwardPass.Transductive), batchTargets);
}
