using MetaMap.Learning.Inner;
using MetaMap.Learning.Layered;
using MetaMap.Learning.Models;
using MetaMap.Learning.Problems;
using MetaMap.Learning.Tensors;
using TorchSharp;

namespace MetaMap.Learning.Algorithms;

/// <summary>MAML with the implicit gradient at a proximal optimum: it depends on where the inner loop ends, not on its path.</summary>
/// <remarks>
/// <para>Paper: A. Rajeswaran, C. Finn, S. Kakade, S. Levine. Meta-Learning with Implicit Gradients. NeurIPS 2019. The
/// inner loop descends support loss + lambda/2 · |theta' - theta|² (equation 3); with H the Hessian of the support loss
/// at theta_K and g the query gradient there, the meta-gradient is (I + H/lambda)^-1 g (equation 6 and lemma 1), by
/// conjugate gradients with Hessian-vector products (algorithm 2). Memory does not grow with the inner steps.</para>
/// <para>Deviations: losses are means over examples (see <see cref="MamlFamily"/>); the inner loop is a fixed number of steps,
/// not one to a given accuracy; conjugate gradients stop where I + H/lambda is not positive along a direction (far from
/// an optimum H may be indefinite), with the query gradient itself when that is the first one; unlike the authors' code,
/// and like their paper, this adds no damping.</para>
/// </remarks>
/// <param name="loop">Inner rate, steps, optimiser and clip.</param>
/// <param name="proximalStrength">Lambda, above 0.</param>
/// <param name="cgSteps">Most conjugate-gradient steps, 1 or more.</param>
internal sealed class Imaml(InnerLoop loop, double proximalStrength, int cgSteps) : IMetaAlgorithm, ILayeredAlgorithm
{
    /// <inheritdoc />
    public GraphExtent? SideBySide => GraphExtent.OnePass;

    /// <inheritdoc />
    public MetaGradient Differentiate(IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem, int iteration)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        ProximalEpisode episode = Episode(metaParameters, problem);
        torch.Tensor[] fast = episode.Rule.FastWeights(InnerAdaptation.Descend(
            episode.Rule, metaParameters, episode.SupportLoss, loop.Steps, InnerGraph.Fresh));
        torch.Tensor outputs = problem.QueryOutputs(fast);
        torch.Tensor loss = problem.QueryLoss(outputs);
        torch.Tensor[] queryGradient = Gradients.OrZero(loss, fast);
        torch.Tensor[] supportGradient = Gradients.OrZero(problem.SupportLoss(fast), fast, keepGraph: true);
        torch.Tensor[] gradient = problem.Tasks is { } tasks
            ? [.. TaskConjugateGradient.Solve(direction => Product(fast, supportGradient, direction), queryGradient, tasks, cgSteps).Select(tensor => tensor.SumOverTasks(tasks))]
            : ConjugateGradient.Solve(direction => Product(fast, supportGradient, direction), queryGradient, cgSteps);
        return new MetaGradient(loss.detach(), outputs.detach(), gradient).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public void Adapt(
        IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem, int innerSteps, Action<int, IAdaptedMapping> afterStep) =>
        InnerAdaptation.Run(Episode(metaParameters, problem), metaParameters, innerSteps, afterStep);

    /// <inheritdoc />
    public LayeredInnerLoop LayeredLoop(IModel model) => new(loop.Steps, loop.LearningRate, [.. model.Schema.Definitions.Select(_ => true)])
    {
        Implicit = new ImplicitGradient(proximalStrength, cgSteps),
    };

    // (I + H/lambda) v is the gradient of <v, theta_K> + <v, support gradient> / lambda: one double backward, to which
    // every parameter is connected by the first term.
    private torch.Tensor[] Product(torch.Tensor[] fast, torch.Tensor[] supportGradient, IReadOnlyList<torch.Tensor> direction)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor identity = torch.stack(fast.Select((tensor, i) => tensor.mul(direction[i]).sum())).sum();
        torch.Tensor slope = torch.stack(supportGradient.Select((tensor, i) => tensor.mul(direction[i]).sum())).sum();
        IList<torch.Tensor> product = torch.autograd.grad(
            [identity.PlusMultiple(1 / proximalStrength, slope)], fast, retain_graph: true);
        return [.. product.Select(tensor => tensor.MoveToOuterDisposeScope())];
    }

    private ProximalEpisode Episode(IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem) =>
        new(problem, loop.Rule(AdaptingParameters.All(metaParameters.Count), problem.Tasks), proximalStrength);
}
