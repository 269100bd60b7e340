using System.Collections.Immutable;
using System.ComponentModel;
using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Learning.Algorithms;
using MetaMap.Learning.Models;
using MetaMap.Learning.Problems;
using MetaMap.Training.Configuration;
using TorchSharp;

namespace SamplePlugin;

/// <summary>MAML whose inner steps go along the sign of the gradient (Fan, Ram and Liu 2021, Sign-MAML).</summary>
public sealed class SignMamlDefinition : IAlgorithm
{
    /// <inheritdoc />
    public string Name => "sign-maml";

    /// <inheritdoc />
    public string Summary => "MAML with inner steps along the sign of the gradient (Fan et al. 2021)";

    /// <inheritdoc />
    public object Options { get; } = new SignMamlOptions();

    /// <inheritdoc />
    public IReadOnlyDictionary<string, object> Advice { get; } =
        new Dictionary<string, object> { ["meta_optimizer"] = "adam", ["meta_lr"] = 0.001 };

    /// <inheritdoc />
    public ImmutableArray<ParameterDefinition> Parameters(RunOptions options, TaskShape shape) => shape.Network(options);

    /// <inheritdoc />
    public IMetaAlgorithm Create(RunOptions options, DatasetCatalog catalog) =>
        new SignMaml(options.Of<SignMamlOptions>().InnerLr, options.Of<SignMamlOptions>().InnerSteps);
}

/// <summary>Options of <see cref="SignMamlDefinition"/>. Algorithms of MetaMap have them too, with other defaults; it reads all of them, or they would be accepted in vain.</summary>
public sealed record SignMamlOptions : IAdaptsInEvaluation
{
    /// <summary>Length of an inner step in every parameter.</summary>
    [Description("Inner-loop learning rate under a mean loss."), AtLeast(0)]
    public double InnerLr { get; init; } = 0.01;

    /// <summary>Inner steps in training.</summary>
    [Description("Inner-loop steps in training."), AtLeast(1)]
    public int InnerSteps { get; init; } = 3;

    /// <inheritdoc />
    [Description("Inner-loop steps in evaluation."), AtLeast(0)]
    public int EvalInnerSteps { get; init; } = 3;
}

/// <summary>
/// The computation of <see cref="SignMamlDefinition"/>. The derivative of a sign is zero almost everywhere, so the gradient
/// at the fast weights is the whole meta-gradient: no second derivatives are left out.
/// </summary>
/// <param name="rate">Of each inner step.</param>
/// <param name="steps">Inner steps in training.</param>
public sealed class SignMaml(double rate, int steps) : IMetaAlgorithm
{
    /// <inheritdoc />
    public MetaGradient Differentiate(IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem, int iteration)
    {
        IReadOnlyList<torch.Tensor> fast = metaParameters;
        for (int i = 0; i < steps; i++)
        {
            fast = Step(fast, problem);
        }

        torch.Tensor outputs = problem.QueryOutputs(fast);
        torch.Tensor loss = problem.QueryLoss(outputs);
        return new MetaGradient(loss, outputs, [.. torch.autograd.grad([loss], [.. fast])]);
    }

    /// <inheritdoc />
    public void Adapt(
        IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem, int innerSteps, Action<int, IAdaptedMapping> afterStep)
    {
        IReadOnlyList<torch.Tensor> fast = metaParameters;
        afterStep(0, new Adapted(problem, fast));
        for (int i = 1; i <= innerSteps; i++)
        {
            fast = Step(fast, problem);
            afterStep(i, new Adapted(problem, fast));
        }
    }

    private torch.Tensor[] Step(IReadOnlyList<torch.Tensor> current, EpisodeProblem problem)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        IList<torch.Tensor> gradient = torch.autograd.grad([problem.SupportLoss(current)], [.. current]);
        // Held until the steps are done: TorchSharp itself does not keep a number alive while libtorch reads it.
        using Scalar minusRate = -rate;
        var next = new torch.Tensor[current.Count];
        for (int i = 0; i < next.Length; i++)
        {
            next[i] = torch.add(current[i].detach(), gradient[i].sign(), minusRate).requires_grad_().MoveToOuterDisposeScope();
        }

        return next;
    }

    private sealed class Adapted(EpisodeProblem problem, IReadOnlyList<torch.Tensor> fast) : IAdaptedMapping
    {
        public torch.Tensor PredictTransductive(torch.Tensor inputs) => problem.Model.Forward(fast, inputs, ForwardPass.Transductive);

        public torch.Tensor PredictInductive(torch.Tensor inputs)
        {
            var support = new CollectedStatistics();
            problem.Model.Forward(fast, problem.Data.SupportInputs, new ForwardPass(support));
            return problem.Model.Forward(fast, inputs, new ForwardPass(support.Fixed));
        }
    }
}
