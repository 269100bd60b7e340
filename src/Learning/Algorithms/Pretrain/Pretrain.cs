using MetaMap.Core.Parameters;
using MetaMap.Learning.Inner;
using MetaMap.Learning.Models;
using MetaMap.Learning.Problems;
using MetaMap.Training.Episodes;
using TorchSharp;

namespace MetaMap.Learning.Algorithms;

/// <summary>Plain supervised training over all training classes; a new episode gets a fresh head and fine-tunes the whole network.</summary>
/// <remarks>
/// <para>The baseline of C. Finn, P. Abbeel, S. Levine. Model-Agnostic Meta-Learning. ICML 2017, section 5, and of
/// W.-Y. Chen et al. A Closer Look at Few-shot Classification. ICLR 2019, section 3.2. The gradient is that of the mean loss
/// over the episode's support and query examples with labels that mean the same class in every episode; its query measures
/// use those labels, too. Evaluation replaces the trained head by one of zeros with an output per way, and fine-tunes by
/// gradient descent with momentum 0.9 on the support set. Regression keeps its head.</para>
/// <para>Deviations: minibatches are episodes, so that they hold few classes each; batch norm uses batch statistics
/// throughout, as in all algorithms here; Chen et al. keep the body fixed and use weight decay.</para>
/// </remarks>
/// <param name="fineTuningRate">Rate of fine-tuning under a mean loss, 0 or more; the evaluation gives the number of steps.</param>
/// <param name="labels">Labels of the training classes; null for regression.</param>
internal sealed class Pretrain(double fineTuningRate, TrainingLabels? labels) : IMetaAlgorithm
{
    private const double FineTuningMomentum = 0.9;

    /// <inheritdoc />
    public GraphExtent? SideBySide => GraphExtent.OnePass;

    /// <inheritdoc />
    public MetaGradient Differentiate(IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem, int iteration)
    {
        EpisodeTensors data = problem.Data;
        int examples = problem.ExampleDimension;
        torch.Tensor targets = Targets(problem);
        // The head takes its number of outputs from its parameters: here one per training class.
        torch.Tensor outputs = problem.Model.Forward(
            metaParameters, torch.cat([data.SupportInputs, data.QueryInputs], examples), ForwardPass.Transductive);
        IReadOnlyList<torch.Tensor> gradient = Gradients.OrZero(problem.Loss.Mean(outputs, targets), metaParameters);
        long support = data.SupportInputs.shape[examples];
        long query = data.QueryInputs.shape[examples];
        torch.Tensor queryOutputs = outputs.detach().narrow(examples, support, query);
        torch.Tensor queryTargets = targets.narrow(examples, support, query);
        return new MetaGradient(problem.Loss.Mean(queryOutputs, queryTargets), queryOutputs, gradient) { QueryTargets = queryTargets };
    }

    /// <inheritdoc />
    public void Adapt(
        IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem, int innerSteps, Action<int, IAdaptedMapping> afterStep)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        IReadOnlyList<torch.Tensor> network = labels is null ? metaParameters : WithFreshHead(metaParameters, problem.Model);
        var rule = new InnerRule(
            AdaptingParameters.All(network.Count), new HeavyBall(FineTuningMomentum), InnerRate.Constant(fineTuningRate));
        InnerAdaptation.Run(new InnerEpisode(problem, rule), network, innerSteps, afterStep);
    }

    private static torch.Tensor[] WithFreshHead(IReadOnlyList<torch.Tensor> metaParameters, IModel model) =>
    [
        .. model.Schema.Definitions.Select((definition, i) => definition.Role == ParameterRole.Head
            ? torch.zeros([.. definition.Entry.Shape.Select(size => (long)size)], dtype: metaParameters[i].dtype, device: metaParameters[i].device, requires_grad: true)
            : metaParameters[i]),
    ];

    private torch.Tensor Targets(EpisodeProblem problem)
    {
        torch.Tensor targets = torch.cat([problem.Data.SupportTargets, problem.Data.QueryTargets], problem.ExampleDimension);
        if (labels is null)
        {
            return targets;
        }

        IReadOnlyList<Episode> episodes = problem.SideBySide ?? [problem.Episode ?? throw new ArgumentException(
            "Pretraining takes labels from the episode's classes, but the problem has no episode.", nameof(problem))];
        return torch.tensor(episodes.SelectMany(episode => labels.Of(episode)).ToArray(), device: targets.device).reshape(targets.shape);
    }
}
