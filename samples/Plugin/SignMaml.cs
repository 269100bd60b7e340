using System.Collections.Immutable;
using MetaMap.Core.Algorithms;
using MetaMap.Core.Configuration;
using MetaMap.Core.Optimization;
using MetaMap.Core.Parameters;
using MetaMap.Learning;
using MetaMap.Learning.Algorithms;
using MetaMap.Learning.Models;
using TorchSharp;

namespace SamplePlugin;

/// <summary>MAML whose inner steps go along the sign of the gradient (Fan, Ram and Liu 2021, Sign-MAML).</summary>
public sealed class SignMamlDefinition : IAlgorithmDefinition
{
    /// <summary>The name for <c>--algorithm</c>.</summary>
    public const string AlgorithmName = "sign-maml";

    /// <inheritdoc />
    public string Name => AlgorithmName;

    /// <inheritdoc />
    public string Summary => "MAML with inner steps along the sign of the gradient (Fan et al. 2021)";

    /// <inheritdoc />
    public ImmutableArray<string> Reads { get; } =
        [nameof(RunOptions.InnerLr), nameof(RunOptions.InnerSteps), nameof(RunOptions.EvalInnerSteps), nameof(RunOptions.MetaLr)];

    /// <inheritdoc />
    public RunOptions Defaults { get; } = new()
    {
        InnerLr = 0.01, InnerSteps = 3, EvalInnerSteps = 3, MetaOptimizer = MetaOptimizers.Adam, MetaLr = 0.001,
    };

    /// <inheritdoc />
    public ImmutableArray<ParameterDefinition> Parameters(RunOptions options, TaskShape shape) => shape.Network(options);
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
