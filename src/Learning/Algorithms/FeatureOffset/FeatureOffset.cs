using MetaMap.Learning.Inner;
using MetaMap.Learning.Models;
using MetaMap.Learning.Problems;
using TorchSharp;

namespace MetaMap.Learning.Algorithms;

/// <summary>One feature map f for all tasks, and for each task a constant in feature space: g(x) = f(x) + theta.</summary>
/// <remarks>
/// <para>Source: the project's essay. The offset is found on the support set, in closed form or by gradient descent
/// from zero; the query loss is differentiated through it (second order), by all meta-parameters.</para>
/// <para>Classification has an offset theta_c for each class and logits -|f(x) + theta_c|²: with one offset for
/// all classes under a linear head every input's logits would move by the same constants, which cannot tell apart classes
/// that are labelled anew in each episode. With ridge 0 the closed form is minus the class mean, and the method is
/// <see cref="Protonet"/>; a ridge draws the prototypes towards the origin. Regression predicts head(f(x) + theta); an
/// affine head turns the offset into a shift of the predicted values, learned within the head's range.</para>
/// <para>The closed form for regression assumes that the head is affine, as every built-in network's is. With ridge 0 the
/// head's rows must be linearly independent.</para>
/// </remarks>
/// <param name="closedForm">Options of the closed form; null for the other solver.</param>
/// <param name="gradient">Options of the inner loop; null for the closed form.</param>
/// <param name="isRegression">Whether there are values to predict instead of classes.</param>
internal sealed class FeatureOffset(ClosedFormOptions? closedForm, GradientOptions? gradient, bool isRegression) : IMetaAlgorithm
{
    private readonly OffsetForm _form = isRegression ? OffsetForm.BeforeHead : OffsetForm.PerClass;

    /// <inheritdoc />
    public GraphExtent? SideBySide => GraphExtent.AllPasses;

    /// <inheritdoc />
    public MetaGradient Differentiate(IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem, int iteration)
    {
        torch.Tensor supportFeatures = SupportFeatures(metaParameters, problem);
        if (gradient is not null)
        {
            OffsetEpisode episode = Episode(metaParameters, problem, supportFeatures);
            MetaGradient result = InnerDifferentiation.OfLastStep(
                episode, WithOffset(metaParameters, problem, supportFeatures), gradient.InnerSteps, recompute: false);
            // The offset starts afresh in every episode, so its own gradient is dropped.
            return result with { Gradient = [.. result.Gradient.Take(metaParameters.Count)] };
        }

        torch.Tensor offset = _form.Solve(problem, metaParameters, supportFeatures, closedForm!.OffsetRidge);
        torch.Tensor queryFeatures = problem.Model.Features(metaParameters, problem.Data.QueryInputs, ForwardPass.Transductive);
        torch.Tensor outputs = _form.Outputs(problem, metaParameters, queryFeatures, offset);
        torch.Tensor loss = problem.QueryLoss(outputs);
        return new MetaGradient(loss, outputs, Gradients.OrZero(loss, metaParameters));
    }

    /// <inheritdoc />
    public void Adapt(
        IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem, int innerSteps, Action<int, IAdaptedMapping> afterStep)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor supportFeatures = FeaturesWithoutGraph(metaParameters, problem);
        if (gradient is not null)
        {
            InnerAdaptation.Run(
                Episode(metaParameters, problem, supportFeatures), WithOffset(metaParameters, problem, supportFeatures), innerSteps, afterStep);
            return;
        }

        using IDisposable noGradient = torch.no_grad();
        torch.Tensor offset = _form.Solve(problem, metaParameters, supportFeatures, closedForm!.OffsetRidge);
        afterStep(0, _form.Mapping(problem, metaParameters, offset));
    }

    private static torch.Tensor FeaturesWithoutGraph(IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem)
    {
        using IDisposable noGradient = torch.no_grad();
        return SupportFeatures(metaParameters, problem);
    }

    private static torch.Tensor SupportFeatures(IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem) =>
        problem.Model.Features(metaParameters, problem.Data.SupportInputs, ForwardPass.Transductive);

    private torch.Tensor[] WithOffset(IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem, torch.Tensor supportFeatures) =>
    [
        .. metaParameters,
        torch.zeros(_form.Shape(problem, supportFeatures), dtype: supportFeatures.dtype, device: supportFeatures.device, requires_grad: true),
    ];

    private OffsetEpisode Episode(IReadOnlyList<torch.Tensor> metaParameters, EpisodeProblem problem, torch.Tensor supportFeatures) => new(
        problem, new InnerRule([metaParameters.Count], InnerOptimizer.Sgd, InnerRate.Constant(gradient!.InnerLr), tasks: problem.Tasks), _form, supportFeatures);
}
