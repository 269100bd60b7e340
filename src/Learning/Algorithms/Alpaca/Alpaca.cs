using MetaMap.Learning.Inner;
using MetaMap.Learning.Models;
using MetaMap.Learning.Problems;
using MetaMap.Learning.Tensors;
using TorchSharp;
using F = TorchSharp.torch.nn.functional;

namespace MetaMap.Learning.Algorithms;

/// <summary>
/// A linear map of features, y = phi(x) W + noise, where W has a normal prior that all tasks share; a task has the mean of its posterior after the support set,
/// in closed form. Body, mean and covariance of the prior descend along the query loss.
/// </summary>
/// <remarks>
/// <para>Papers: J. Harrison, A. Sharma, M. Pavone. Meta-Learning Priors for Efficient Online Bayesian Regression. WAFR 2018, equations 3 to 5, with the
/// covariance of the prior in units of the noise, so that its variance cancels; and for classes L. Bertinetto, J. F. Henriques, P. Torr, A. Vedaldi.
/// Meta-learning with differentiable closed-form solvers. ICLR 2019, equations 6 (Woodbury's form) and 7: one-hot targets and a learned scale of logits.</para>
/// <para>Deviations: the loss is the squared error or the cross-entropy of the posterior mean, not the likelihood; phi also has the
/// constant 1 and what the network's hidden layers read; the prior's covariance is diagonal, where ALPaCA has any and R2-D2 a multiple of the
/// identity; a shift of all logits, which R2-D2 learns, changes no probability.</para>
/// </remarks>
/// <param name="isRegression">Whether there are values to predict; otherwise classes.</param>
internal sealed class Alpaca(bool isRegression) : IMetaAlgorithm
{
    // What float32 keeps of a sum, as a share of its largest term.
    private const double SmallestShare = 1e-6;

    /// <inheritdoc />
    public GraphExtent? SideBySide => GraphExtent.AllPasses;

    /// <inheritdoc />
    public MetaGradient Differentiate(IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem, int iteration)
    {
        torch.Tensor outputs = Outputs(metaParameters, Posterior(metaParameters, problem), Features(metaParameters, problem, problem.Data.QueryInputs, ForwardPass.Transductive));
        torch.Tensor loss = problem.QueryLoss(outputs);
        return new MetaGradient(loss, outputs, Gradients.OrZero(loss, metaParameters));
    }

    /// <inheritdoc />
    public void Adapt(
        IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem, int innerSteps, Action<int, IAdaptedMapping> afterStep)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable noGradient = torch.no_grad();
        torch.Tensor weights = Posterior(metaParameters, problem);
        afterStep(0, new PosteriorMean(
            problem, metaParameters, features => Outputs(metaParameters, weights, features), (inputs, pass) => Features(metaParameters, problem, inputs, pass),
            () => isRegression ? weights.Plus(metaParameters[^2].mT) : weights.mul(metaParameters[^2])));
    }

    /// <summary>The features phi [inputs, features], or with [tasks] before.</summary>
    private static torch.Tensor Features(IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem, torch.Tensor inputs, ForwardPass pass)
    {
        torch.Tensor features = problem.Model.Features(metaParameters, inputs, pass);
        torch.Tensor one = torch.ones_like(features.narrow(-1, 0, 1));
        return problem.Model.Skip(metaParameters, inputs) is { } skip ? torch.cat([one, skip, features], -1) : torch.cat([one, features], -1);
    }

    /// <summary>From features to outputs.</summary>
    private torch.Tensor Outputs(IReadOnlyList<torch.Tensor> metaParameters, torch.Tensor weights, torch.Tensor features) => isRegression
        ? features.matmul(weights).Plus(features.matmul(metaParameters[^2].mT)) : features.matmul(weights).mul(metaParameters[^2]);

    /// <summary>The weights after the support set [(tasks,) features, outputs]: to be added to the mean of the prior, or scaled to logits.</summary>
    private torch.Tensor Posterior(IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem)
    {
        torch.Tensor deviations = metaParameters[^1];                                              // [features]
        torch.Tensor support = Features(metaParameters, problem, problem.Data.SupportInputs, ForwardPass.Transductive);
        torch.Tensor scaled = support.mul(deviations);                                             // [(tasks,) examples, features]
        torch.Tensor targets = isRegression ? problem.Data.SupportTargets.sub(support.matmul(metaParameters[^2].mT)) : OneHot(problem.Data.SupportTargets, support.dtype);
        torch.Tensor kernel = scaled.matmul(scaled.mT);
        torch.Tensor solved = torch.linalg.solve(kernel.Plus(Noise(kernel)), targets);             // [(tasks,) examples, outputs]
        return scaled.mT.matmul(solved).mul(deviations.unsqueeze(-1));
    }

    /// <summary>The noise's covariance, the identity; more where rounding would make the sum singular.</summary>
    private static torch.Tensor Noise(torch.Tensor kernel)
    {
        torch.Tensor trace = kernel.detach().diagonal(0, -2, -1).sum([-1], keepdim: true).unsqueeze(-1);
        return torch.eye(kernel.shape[^1], dtype: kernel.dtype, device: kernel.device).mul(trace.Times(SmallestShare).maximum(torch.ones_like(trace)));
    }

    private static torch.Tensor OneHot(torch.Tensor labels, torch.ScalarType dtype) => F.one_hot(labels, labels.max().item<long>() + 1).to(dtype);
}
